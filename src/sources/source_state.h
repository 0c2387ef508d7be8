#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "catalog/source_repository.h"

namespace creel {

enum class SourceAction : std::uint8_t {
  /// Asked for by a user: poll from now on; stop; poll once, now.
  start,
  stop,
  fetch,
  /// The poll is over: well, badly, or cut off.
  done,
  /// The poll is over, and there is no sense in another: the source stops.
  cease,
  /// The poll is over: the source must be left alone for a while.
  block_until,
  /// The time of the next poll has come, or a poll is to be retaken.
  wake,
};

std::string_view to_string(SourceAction action);
std::string_view to_string(SourceState state);

enum class PollEnd : std::uint8_t {
  well,
  badly,
  /// Nobody's fault: the source was stopped or changed, or the program ended.
  cut_off,
};

/// What happens to a source.
struct SourceEvent {
  SourceAction action = SourceAction::wake;
  SystemTime now;
  /// For `done` and `block_until`.
  PollEnd end = PollEnd::well;
  /// Why, for people: for `done` (badly), `cease`, `block_until`.
  std::string reason{};
  /// For `block_until`.
  SystemTime until{};
  /// For `wake`, `fetch`, `done`: the time of the next poll.
  SystemTime next_poll{};
  /// For `wake`: the program that polled the source has gone, its lease ran out.
  bool poll_was_lost = false;
};

enum class SourceEffect : std::uint8_t { none, begin_poll, cancel_poll };

/// Where an event leads.
struct SourceTransition {
  SourceStatus status;
  SourceEffect effect = SourceEffect::none;
  /// Why the event is not possible in this state, for people; then the status is as it was. Empty if it is.
  std::string refused;
};

/// The state machine of sources: decides, and does nothing.
///
///             start     stop      fetch     done        cease    block_until  wake
///   stopped   idle(1)   -         fetching  -           -        -            -
///   idle      -         stopped   fetching  -           -        -            fetching when due
///   fetching  (2)       stopping  -         idle(3)     stopped  blocked(3)   fetching if the poll was lost
///   blocked   -         stopped   fetching  -           -        -            fetching when due
///   stopping  fetching  -         -         stopped     stopped  stopped      stopped if the poll was lost
///
///  -  refused, with the reason.
/// (1) polls at once; blocked instead while a peer's wait goes on, which stopping does not end.
/// (2) only after `fetch` on a stopped source: goes on running afterwards.
/// (3) stopped, if the source was stopped when `fetch` came.
SourceTransition next_status(const SourceStatus& status, const SourceEvent& event);

}  // namespace creel

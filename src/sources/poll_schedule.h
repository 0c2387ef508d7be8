#pragma once

#include <chrono>
#include <optional>

#include "base/clock.h"
#include "base/failure.h"
#include "catalog/source_repository.h"
#include "sources/scheduler.h"
#include "sources/source_state.h"

namespace creel {

/// How a poll went.
struct PollOutcome {
  PollEnd end = PollEnd::well;
  /// Set if it went badly.
  std::optional<Failure> failure;
  /// The source's URL answered 410: it will not come back.
  bool is_gone = false;
  /// The most that the peers asked us to wait.
  std::optional<std::chrono::seconds> asked_wait;
  /// No request was sent, since the host is left alone because of others: the source has not failed, and just waits.
  bool is_unasked = false;
};

/// When a source is polled next, decided before a poll:
///
///   now + wait + jitter,  wait = interval * 2^failed polls, at most a day or the interval if that is longer,
///                         jitter up to a tenth of the wait, at most ten minutes
///
/// @param luck  from 0 to 1, for the jitter
SystemTime planned_poll(const SourceDefinition& source, int failed_polls, const SchedulerOptions& options, double luck,
                        SystemTime now);

/// What the end of a poll means for its source. The next poll is due:
///
///   well     by the interval alone, and not before now + min(what the peers asked for, a day) + jitter
///   badly    when it was planned, not before what the peers asked for, and not before the wait that grows with the
///            polls that failed
///   cut off  at once
///
/// bad_auth, forbidden and 410 stop the source; rate_limited blocks it for as long as the peer asked, else for
/// `rate_limited_wait`. Every other failure is noted, and polls go on.
/// @param source  as it is in the catalog
SourceEvent event_after(const PollOutcome& outcome, const SourceRecord& source, const SchedulerOptions& options,
                        double luck, SystemTime now);

}  // namespace creel

#pragma once

#include <optional>
#include <string>

#include "catalog/source_repository.h"
#include "sources/poll_schedule.h"
#include "sources/scheduler.h"
#include "sources/source_state.h"

namespace creel {

/// What the steps of a source are taken with. `options` must outlive it.
struct StepContext {
  const SchedulerOptions& options;
  SystemTime now;
  /// From 0 to 1, for the jitter of what is planned.
  double luck = 0;
};

/// A source after a step, and what is to be done about it.
struct SourceStep {
  /// Nothing if the source is not there.
  std::optional<SourceRecord> source;
  SourceEffect effect = SourceEffect::none;
  /// Set for `begin_poll`: the source is leased, and its poll has begun.
  PollId poll{};
};

// Steps of the state machine as the catalog takes them, each in the thread that writes. They may be repeated.

/// Begins the poll of a source whose time has come, or that somebody else has left behind. The step has no source if
/// there is nothing to do, since another was faster or the source was changed.
SourceStep wake_source(SourceRepository& sources, SourceId id, const StepContext& context);

/// What a user asks for: start, stop or fetch.
/// @throws ActionRefused
SourceStep act_on_source(SourceRepository& sources, SourceId id, SourceAction action, const StepContext& context);

/// Changes a definition, and what follows from that for the schedule. What a server asked of the source ends with what
/// it was asked for: with another type, URL or other settings a blocked source is due at once.
/// @throws SourceNameTaken
std::optional<SourceRecord> change_source(SourceRepository& sources, SourceId id, const SourceDefinition& definition,
                                          const StepContext& context);

/// True if a poll of `a` that is under way will do for `b` as well.
bool polls_alike(const SourceDefinition& a, const SourceDefinition& b);

/// The end of a poll.
struct PollFinish {
  /// As it was when the poll began.
  SourceRecord source;
  PollId poll{};
  PollOutcome outcome;
  /// What is noted of the poll.
  std::optional<FailureFacts> failure;
  /// The program ends: the source is given back as it is, for the next one to take up the poll anew.
  bool is_handed_back = false;
  std::string new_memory;
  /// Where the source has moved to for good.
  std::optional<std::string> moved_to;
};

/// Writes the end of a poll. Returns the source as it then stands; nothing if it was removed, or is another program's.
std::optional<SourceRecord> finish_poll(SourceRepository& sources, const PollFinish& finish,
                                        const StepContext& context);

}  // namespace creel

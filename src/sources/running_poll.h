#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/cancellation_signal.hpp>

#include "base/semaphore.h"
#include "base/task.h"
#include "sources/host_blocks.h"
#include "sources/poll_run.h"
#include "sources/source_kinds.h"
#include "sources/source_steps.h"

namespace creel {

/// What polls are carried out with. All of it outlives them.
struct RunningPollParts {
  PollRunParts run;
  const SourceKinds& kinds;
  const SchedulerOptions& options;
  CatalogHostBlocks& blocks;
  /// One is taken for each poll at work.
  Semaphore& slots;
};

/// A poll of a leased source, from its beginning until its end is written. Threads: the scheduler's loop.
class RunningPoll {
 public:
  /// Why a poll is cut short.
  enum class Cut : std::uint8_t {
    none,
    stopped,
    changed,
    /// The source was removed, or another program has taken it.
    lost,
    /// The program ends: whoever comes next takes the poll up anew.
    handed_back,
  };

  RunningPoll(RunningPollParts parts, SourceRecord source, PollId poll);

  SourceId id() const { return source_.id; }
  /// As it was when the poll began.
  const SourceDefinition& definition() const { return source_.definition; }

  /// The poll itself. To be spawned with `slot`, and `note_end` called when it is over.
  static Task<void> carry_out(std::shared_ptr<RunningPoll> poll);
  boost::asio::cancellation_slot slot() { return signal_.slot(); }
  void note_end() { is_over_ = true; }

  /// Ends the poll soon; its end is written all the same. The first reason counts, but for `lost` and `handed_back`.
  void cut(Cut why);

 private:
  Task<void> poll_source();
  Task<void> write_end();
  void note_failure(Failure failure);
  /// It ended since its host is left alone because of others: that is no failure of the source.
  bool is_unasked() const { return failure_ && failure_->kind() == FailureKind::rate_limited && run_.is_unasked(); }
  PollFinish finish() const;

  RunningPollParts parts_;
  SourceRecord source_;
  PollId poll_;
  CatalogPollRun run_;
  boost::asio::cancellation_signal signal_;
  Cut cut_ = Cut::none;
  bool is_over_ = false;
  std::optional<Failure> failure_;
};

/// What one poll of a source would bring. Cancelling the coroutine ends it.
Task<SourcePreview> preview_poll(PollFetcher& fetcher, const SourceKinds& kinds, const Clock& clock, Log log,
                                 SourceDefinition definition, std::size_t max_records);

}  // namespace creel

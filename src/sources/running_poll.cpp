#include "sources/running_poll.h"

#include <algorithm>

#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>
#include <fmt/format.h>

#include "sources/wait.h"

namespace creel {
namespace {

namespace asio = boost::asio;

SourceConfig config_of(const SourceDefinition& definition) {
  return {.name = definition.name,
          .type = definition.type,
          .url = definition.url,
          .settings = definition.settings,
          .secrets = definition.secrets};
}

const SourceKind& kind_of(const SourceKinds& kinds, const std::string& type) {
  const auto* kind = kinds.find(type);
  if (kind != nullptr && kind->is_polled()) return *kind;
  if (kind != nullptr) {
    throw Failure(FailureKind::bad_request,
                  fmt::format("a source of type '{}' is never polled: images are added to it", type));
  }
  throw Failure(FailureKind::bad_request, fmt::format("this version of creel cannot poll sources of type '{}'", type));
}

}  // namespace

RunningPoll::RunningPoll(RunningPollParts parts, SourceRecord source, PollId poll)
    : parts_(std::move(parts)),
      source_(std::move(source)),
      poll_(poll),
      run_(parts_.run, source_, poll, parts_.options.owner) {}

void RunningPoll::cut(Cut why) {
  const bool overrides = why == Cut::lost || why == Cut::handed_back;
  if (cut_ == Cut::none || overrides) cut_ = why;
  if (!is_over_) signal_.emit(asio::cancellation_type::terminal);
}

Task<void> RunningPoll::carry_out(std::shared_ptr<RunningPoll> poll) {
  std::exception_ptr failure;
  try {
    co_await poll->poll_source();
  } catch (...) {
    failure = std::current_exception();
  }
  // Its end is written whatever has happened.
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  try {
    if (failure) std::rethrow_exception(failure);
  } catch (const PollLost& lost) {
    if (poll->cut_ == Cut::none) poll->cut_ = Cut::lost;
  } catch (const Failure& known) {
    poll->note_failure(known);
  } catch (const std::exception& unknown) {
    // Cancelled ones end here too; why, is known already.
    if (poll->cut_ == Cut::none) poll->note_failure(Failure(FailureKind::internal, unknown.what()));
  }
  co_await poll->write_end();
}

Task<void> RunningPoll::poll_source() {
  const auto permit = co_await parts_.slots.acquire();
  const auto& kind = kind_of(parts_.kinds, source_.definition.type);
  const auto config = config_of(source_.definition);
  co_await kind.poll(config, run_);
}

void RunningPoll::note_failure(Failure failure) {
  if (cut_ != Cut::none) return;
  failure_ = std::move(failure);
  const auto level = is_unasked() ? spdlog::level::debug : spdlog::level::warn;
  parts_.run.log->log(level, "source '{}': {}: {}", source_.definition.name, to_string(failure_->kind()),
                      failure_->what());
}

PollFinish RunningPoll::finish() const {
  PollFinish finish;
  finish.source = source_;
  finish.poll = poll_;
  finish.is_handed_back = cut_ == Cut::handed_back;
  finish.new_memory = run_.new_memory();
  finish.moved_to = run_.hints().moved_to;
  finish.outcome.asked_wait = run_.asked_wait();
  finish.outcome.is_gone = run_.hints().is_gone;
  if (cut_ != Cut::none) {
    finish.outcome.end = PollEnd::cut_off;
    finish.failure = FailureFacts{FailureKind::cancelled, "the poll was cut off"};
  } else if (failure_) {
    finish.outcome.end = PollEnd::badly;
    finish.outcome.failure = failure_;
    finish.outcome.is_unasked = is_unasked();
    finish.failure = FailureFacts{is_unasked() ? FailureKind::cancelled : failure_->kind(), failure_->what()};
  }
  return finish;
}

/// Writes how the poll ended, however long the catalog is away; when the program ends it is not waited for, and the
/// lease runs out by itself.
Task<void> RunningPoll::write_end() {
  for (int attempt = 1;; ++attempt) {
    const StepContext context{.options = parts_.options, .now = parts_.run.clock.now(), .luck = parts_.run.random()};
    bool is_away = false;
    std::optional<SourceRecord> source;
    const auto end = finish();
    try {
      co_await parts_.blocks.save();
      source =
          co_await parts_.run.catalog.write([&](Repositories& to) { return finish_poll(to.sources, end, context); });
    } catch (const CatalogUnavailable&) {
      is_away = true;
    }
    if (!is_away) {
      const auto& tally = run_.tally();
      if (source) parts_.run.listener.on_source(*source);
      parts_.run.listener.on_poll_ended(source_.id, PollRecord{.id = poll_,
                                                               .started_at = *source_.status.last_poll,
                                                               .ended_at = context.now,
                                                               .found = tally.found,
                                                               .added = tally.added,
                                                               .failure = end.failure});
      if (tally.unusable > 0) {
        parts_.run.log->warn("source '{}': {} images of this poll were left out", source_.definition.name,
                             tally.unusable);
      }
      co_return;
    }
    if (cut_ == Cut::handed_back) co_return;
    co_await wait_for(std::max(parts_.run.catalog_backoff.wait(attempt, parts_.run.random), kShortestWait));
  }
}

Task<SourcePreview> preview_poll(PollFetcher& fetcher, const SourceKinds& kinds, const Clock& clock, Log log,
                                 SourceDefinition definition, std::size_t max_records) {
  PreviewPollRun run(fetcher, clock, std::move(log), definition, max_records);
  const auto config = config_of(definition);
  std::optional<Failure> failure;
  try {
    co_await kind_of(kinds, definition.type).poll(config, run);
  } catch (const PreviewPollRun::Full&) {
  } catch (const Failure& known) {
    failure = known;
  } catch (const boost::system::system_error& error) {
    if (error.code() == asio::error::operation_aborted) throw;
    failure = Failure(FailureKind::internal, error.what());
  } catch (const std::exception& unknown) {
    failure = Failure(FailureKind::internal, unknown.what());
  }
  auto preview = run.take_preview();
  preview.failure = std::move(failure);
  co_return preview;
}

}  // namespace creel

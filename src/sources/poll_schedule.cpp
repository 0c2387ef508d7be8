#include "sources/poll_schedule.h"

#include <algorithm>

#include <fmt/format.h>

namespace creel {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kLongestJitter{600};
/// The longest interval that makes sense; also keeps the sums within what times can hold.
constexpr seconds kLongestInterval{366L * 24 * 3600};

milliseconds jittered(seconds wait, double luck) {
  const milliseconds most = std::min<milliseconds>(wait / 10, kLongestJitter);
  return wait + milliseconds(static_cast<milliseconds::rep>(static_cast<double>(most.count()) * luck));
}

seconds wait_between_polls(const SourceDefinition& source, int failed_polls, const SchedulerOptions& options) {
  auto wait = std::clamp(source.interval, options.shortest_interval, kLongestInterval);
  const auto most = std::max(wait, options.longest_wait);
  for (int i = 0; i < failed_polls && wait < most; ++i) wait *= 2;
  return std::min(wait, most);
}

SystemTime next_after(const PollOutcome& outcome, const SourceRecord& source, const SchedulerOptions& options,
                      double luck, SystemTime now) {
  if (outcome.end == PollEnd::cut_off) return now;
  auto next = source.status.next_poll.value_or(now);
  // The plan was made when the poll began, with the polls that had failed by then: they count no more.
  if (outcome.end == PollEnd::well && source.status.last_poll) {
    next = planned_poll(source.definition, 0, options, luck, *source.status.last_poll);
  }
  const auto asked =
      std::clamp(outcome.asked_wait.value_or(seconds(0)), options.shortest_interval, options.longest_wait);
  next = std::max<SystemTime>(next, now + jittered(asked, luck));
  if (outcome.end == PollEnd::badly) {
    next = std::max(next, planned_poll(source.definition, source.status.failed_polls + 1, options, luck, now));
  }
  return next;
}

}  // namespace

SystemTime planned_poll(const SourceDefinition& source, int failed_polls, const SchedulerOptions& options, double luck,
                        SystemTime now) {
  return now + jittered(wait_between_polls(source, failed_polls, options), luck);
}

SourceEvent event_after(const PollOutcome& outcome, const SourceRecord& source, const SchedulerOptions& options,
                        double luck, SystemTime now) {
  SourceEvent event{.action = SourceAction::done, .now = now, .end = outcome.end};
  event.next_poll = next_after(outcome, source, options, luck, now);
  if (outcome.end != PollEnd::badly || !outcome.failure) return event;
  const auto& failure = *outcome.failure;
  event.reason = fmt::format("{}: {}", to_string(failure.kind()), failure.what());
  if (outcome.is_gone) {
    event.action = SourceAction::cease;
    event.reason = fmt::format("gone: {}", failure.what());
  } else if (failure.kind() == FailureKind::bad_auth || failure.kind() == FailureKind::forbidden) {
    event.action = SourceAction::cease;
  } else if (failure.kind() == FailureKind::rate_limited) {
    const auto wait = failure.retry_after() ? std::clamp(*failure.retry_after(), seconds(1), options.longest_wait)
                                            : options.rate_limited_wait;
    event.action = SourceAction::block_until;
    event.until = now + jittered(wait, luck);
    if (outcome.is_unasked) event.end = PollEnd::cut_off;
  }
  return event;
}

}  // namespace creel

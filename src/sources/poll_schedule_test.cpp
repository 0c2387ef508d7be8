#include "sources/poll_schedule.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace creel {
namespace {

using namespace std::chrono_literals;
using enum SourceAction;

constexpr SystemTime kNow{1'700'000'000s};
constexpr double kNoJitter = 0;
const SchedulerOptions kOptions{};

SourceRecord source(std::chrono::seconds interval = 1h) {
  SourceRecord record;
  record.definition.interval = interval;
  record.status.state = SourceState::fetching;
  record.status.next_poll = kNow + std::min<std::chrono::seconds>(interval, 400 * 24h);
  return record;
}

SystemTime planned(std::chrono::seconds interval, int failed_polls = 0, double luck = kNoJitter) {
  return planned_poll(source(interval).definition, failed_polls, kOptions, luck, kNow);
}

PollOutcome badly(FailureKind kind, std::optional<std::chrono::seconds> retry_after = std::nullopt) {
  return {.end = PollEnd::badly, .failure = Failure(kind, "why", retry_after), .asked_wait = std::nullopt};
}

SourceEvent after(const PollOutcome& outcome, SourceRecord of = source()) {
  return event_after(outcome, of, kOptions, kNoJitter, kNow + 5s);
}

TEST(PollSchedule, TheNextPollIsPlannedByTheInterval) {
  EXPECT_EQ(planned(1h), kNow + 1h);
  EXPECT_EQ(planned(72h), kNow + 72h);
  EXPECT_EQ(planned(1s), kNow + kOptions.shortest_interval);
  EXPECT_LT(planned(std::chrono::seconds::max()), kNow + 400 * 24h);
}

TEST(PollSchedule, JitterIsUpToATenthAndTenMinutes) {
  EXPECT_EQ(planned(10min, 0, 1), kNow + 11min);
  EXPECT_EQ(planned(10min, 0, 0.5), kNow + 10min + 30s);
  EXPECT_EQ(planned(72h, 0, 1), kNow + 72h + 10min);
}

TEST(PollSchedule, TheWaitGrowsWithFailedPollsUpToADay) {
  EXPECT_EQ(planned(1h, 1), kNow + 2h);
  EXPECT_EQ(planned(1h, 3), kNow + 8h);
  EXPECT_EQ(planned(1h, 1000), kNow + 24h);
  EXPECT_EQ(planned(72h, 3), kNow + 72h);
}

TEST(PollSchedule, AfterAPollTheNextIsDueAsPlannedOrAsThePeersAsked) {
  EXPECT_EQ(after({.failure = {}, .asked_wait = {}}).next_poll, kNow + 1h);
  EXPECT_EQ(after({.failure = {}, .asked_wait = 10min}).next_poll, kNow + 1h);
  EXPECT_EQ(after({.failure = {}, .asked_wait = 2h}).next_poll, kNow + 5s + 2h);
  EXPECT_EQ(after({.failure = {}, .asked_wait = 1000h}).next_poll, kNow + 5s + 24h);
}

TEST(PollSchedule, AfterSuccessEarlierFailuresCountNoMore) {
  auto recovered = source();
  recovered.status.failed_polls = 4;
  recovered.status.last_poll = kNow;
  recovered.status.next_poll = planned(1h, 4);
  EXPECT_EQ(after({.failure = {}, .asked_wait = {}}, recovered).next_poll, kNow + 1h);
  EXPECT_EQ(after({.failure = {}, .asked_wait = 2h}, recovered).next_poll, kNow + 5s + 2h);
  EXPECT_EQ(after(badly(FailureKind::timeout), recovered).next_poll, kNow + 5s + 24h);
}

TEST(PollSchedule, APollThatTookLongerThanItsIntervalIsNotRepeatedAtOnce) {
  auto slow = source(60s);
  slow.status.next_poll = kNow - 1h;
  EXPECT_EQ(after({.failure = {}, .asked_wait = {}}, slow).next_poll, kNow + 5s + kOptions.shortest_interval);
}

TEST(PollSchedule, APollThatWasCutOffIsTakenUpAtOnce) {
  const auto event = after({.end = PollEnd::cut_off, .failure = {}, .asked_wait = 2h});
  EXPECT_EQ(event.action, done);
  EXPECT_EQ(event.next_poll, kNow + 5s);
}

TEST(PollSchedule, FailuresThatMayPassAreNotedAndPollsGoOnMoreSlowly) {
  for (const auto kind : all_failure_kinds()) {
    using enum FailureKind;
    if (kind == bad_auth || kind == forbidden || kind == rate_limited) continue;
    const auto event = after(badly(kind));
    EXPECT_EQ(event.action, done) << to_string(kind);
    EXPECT_EQ(event.end, PollEnd::badly);
    EXPECT_EQ(event.reason, std::string(to_string(kind)) + ": why");
    EXPECT_EQ(event.next_poll, kNow + 5s + 2h);
  }
}

TEST(PollSchedule, RefusalsAndWhatIsGoneStopTheSource) {
  EXPECT_EQ(after(badly(FailureKind::bad_auth)).action, cease);
  EXPECT_EQ(after(badly(FailureKind::forbidden)).reason, "forbidden: why");
  auto gone = badly(FailureKind::not_found);
  gone.is_gone = true;
  EXPECT_EQ(after(gone).action, cease);
  EXPECT_EQ(after(gone).reason, "gone: why");
}

TEST(PollSchedule, ALimitBlocksTheSourceForAsLongAsThePeerSaysElseThreeHours) {
  EXPECT_EQ(after(badly(FailureKind::rate_limited)).action, block_until);
  EXPECT_EQ(after(badly(FailureKind::rate_limited)).until, kNow + 5s + 3h);
  EXPECT_EQ(after(badly(FailureKind::rate_limited, 90s)).until, kNow + 5s + 90s);
  EXPECT_EQ(after(badly(FailureKind::rate_limited, 0s)).until, kNow + 5s + 1s);
  EXPECT_EQ(after(badly(FailureKind::rate_limited, 1000h)).until, kNow + 5s + 24h);
}

TEST(PollSchedule, ASourceThatCouldNotAskWaitsAndHasNotFailed) {
  auto unasked = badly(FailureKind::rate_limited, 90s);
  EXPECT_EQ(after(unasked).end, PollEnd::badly);
  unasked.is_unasked = true;
  EXPECT_EQ(after(unasked).action, block_until);
  EXPECT_EQ(after(unasked).end, PollEnd::cut_off);
  EXPECT_EQ(after(unasked).until, kNow + 5s + 90s);
}

}  // namespace
}  // namespace creel

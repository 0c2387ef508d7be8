#include "emulator/event_queue.h"

#include <gtest/gtest.h>

namespace creel::emulator {
namespace {

using namespace std::chrono_literals;

constexpr SystemTime kNoon{};

EventDecision after_errors(int errors, EventLimits limits = {}) {
  return decide({.function_errors = errors, .received = kNoon}, EventOutcome::function_error, limits, kNoon);
}

TEST(EventRetries, EndWithSuccess) {
  EXPECT_TRUE(decide({.received = kNoon}, EventOutcome::success, {}, kNoon).is_done);
}

TEST(EventRetries, ComeOneAndTwoMinutesAfterErrors) {
  EXPECT_EQ(after_errors(0).wait, 1min);
  EXPECT_EQ(after_errors(1).wait, 2min);
  EXPECT_EQ(after_errors(2).wait, std::nullopt);
  EXPECT_EQ(after_errors(2).condition, "RetriesExhausted");
}

TEST(EventRetries, CanBeFewerAndFaster) {
  EXPECT_EQ(after_errors(0, {.max_retries = 0}).condition, "RetriesExhausted");
  EXPECT_EQ(after_errors(1, {.retry_delay = 10ms}).wait, 20ms);
}

TEST(EventRetries, BackOffFromOneSecondToFiveMinutesWhenThrottled) {
  const auto wait = [](int throttles) {
    return decide({.throttles = throttles, .received = kNoon}, EventOutcome::throttled, {}, kNoon).wait;
  };
  EXPECT_EQ(wait(0), 1s);
  EXPECT_EQ(wait(3), 8s);
  EXPECT_EQ(wait(100), 5min);
}

TEST(EventRetries, EndAtTheEventsMaximumAge) {
  const EventLimits limits{.max_age = 1h};
  const auto decision = decide({.received = kNoon}, EventOutcome::throttled, limits, kNoon + 1h);
  EXPECT_EQ(decision.wait, std::nullopt);
  EXPECT_EQ(decision.condition, "EventAgeExceeded");
}

}  // namespace
}  // namespace creel::emulator

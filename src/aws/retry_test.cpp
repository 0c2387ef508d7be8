#include "aws/retry.h"

#include <gtest/gtest.h>

namespace creel::aws {
namespace {

using namespace std::chrono_literals;

const Random kLongest = [] { return 1.0; };

TEST(RetryRun, WaitsLongerAfterEachFailureUntilTheLastTry) {
  RetryQuota quota;
  RetryRun run({.max_attempts = 4}, quota, kLongest);
  EXPECT_EQ(run.next_wait(RetryReason::transient, std::nullopt), 50ms);
  EXPECT_EQ(run.next_wait(RetryReason::transient, std::nullopt), 100ms);
  EXPECT_EQ(run.next_wait(RetryReason::throttled, std::nullopt), 4000ms);
  EXPECT_EQ(run.next_wait(RetryReason::transient, std::nullopt), std::nullopt);
}

TEST(RetryRun, HonoursTheWaitThatWasAskedForWithinReason) {
  RetryQuota quota;
  RetryRun run({.max_attempts = 9}, quota, kLongest);
  EXPECT_EQ(run.next_wait(RetryReason::transient, 700ms), 700ms);
  EXPECT_EQ(run.next_wait(RetryReason::transient, 1ms), 100ms);
  EXPECT_EQ(run.next_wait(RetryReason::transient, 1h), 30s + 200ms);
}

TEST(RetryRun, GivesUpWhenTheQuotaIsSpent) {
  RetryQuota quota(20);
  RetryRun first({}, quota, kLongest);
  RetryRun second({}, quota, kLongest);
  EXPECT_TRUE(first.next_wait(RetryReason::transient, std::nullopt));
  EXPECT_FALSE(second.next_wait(RetryReason::transient, std::nullopt));
  EXPECT_TRUE(second.next_wait(RetryReason::throttled, std::nullopt));
  EXPECT_EQ(quota.tokens(), 1);
}

TEST(RetryRun, GivesTokensBackAfterSuccess) {
  RetryQuota quota(20);
  RetryRun retried({}, quota, kLongest);
  retried.next_wait(RetryReason::transient, std::nullopt);
  retried.succeeded();
  EXPECT_EQ(quota.tokens(), 20);

  ASSERT_TRUE(quota.take(10));
  RetryRun at_once({}, quota, kLongest);
  at_once.succeeded();
  EXPECT_EQ(quota.tokens(), 11);
  quota.give(100);
  EXPECT_EQ(quota.tokens(), 20);
}

TEST(AskedWait, PrefersMilliseconds) {
  EXPECT_EQ(asked_wait({{"Retry-After", "3"}, {"x-amz-retry-after", "1500"}}, {}), 1500ms);
  EXPECT_EQ(asked_wait({{"Retry-After", "3"}, {"x-amz-retry-after", "-1"}}, {}), 3s);
  EXPECT_EQ(asked_wait({{"Retry-After", "soon"}}, {}), std::nullopt);
  EXPECT_EQ(asked_wait({}, {}), std::nullopt);
}

}  // namespace
}  // namespace creel::aws

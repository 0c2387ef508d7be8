#include "store/adaptive_limit.h"

#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace creel {
namespace {

using namespace std::chrono_literals;

struct AdaptiveLimitTest : ::testing::Test {
  ManualClock clock{SystemTime{}};
  AdaptiveLimit limit{64, clock};
};

TEST_F(AdaptiveLimitTest, StartsAtItsMaximumAndStaysThere) {
  EXPECT_EQ(limit.limit(), 64U);
  limit.on_success();
  EXPECT_EQ(limit.limit(), 64U);
}

TEST_F(AdaptiveLimitTest, HalvesAtMostOnceASecond) {
  for (int i = 0; i < 10; ++i) limit.on_throttled();
  EXPECT_EQ(limit.limit(), 32U);
  clock.advance(999ms);
  limit.on_throttled();
  EXPECT_EQ(limit.limit(), 32U);
  clock.advance(1ms);
  limit.on_throttled();
  EXPECT_EQ(limit.limit(), 16U);
}

TEST_F(AdaptiveLimitTest, NeverFallsBelowOne) {
  for (int i = 0; i < 20; ++i) {
    limit.on_throttled();
    clock.advance(1s);
  }
  EXPECT_EQ(limit.limit(), 1U);
  EXPECT_EQ(AdaptiveLimit(0, clock).limit(), 1U);
}

TEST_F(AdaptiveLimitTest, GrowsByOneForEachRoundOfSuccesses) {
  limit.on_throttled();
  ASSERT_EQ(limit.limit(), 32U);
  for (int i = 0; i < 32; ++i) limit.on_success();
  EXPECT_EQ(limit.limit(), 32U);
  limit.on_success();
  EXPECT_EQ(limit.limit(), 33U);
  for (int i = 0; i < 10'000; ++i) limit.on_success();
  EXPECT_EQ(limit.limit(), 64U);
}

TEST_F(AdaptiveLimitTest, CanBeToldByManyThreads) {
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([this, i] {
      for (int j = 0; j < 1000; ++j) i % 2 == 0 ? limit.on_success() : limit.on_throttled();
    });
  }
  threads.clear();
  EXPECT_GE(limit.limit(), 32U);
  EXPECT_LE(limit.limit(), 64U);
}

}  // namespace
}  // namespace creel

#include "base/backoff.h"

#include <limits>
#include <set>

#include <gtest/gtest.h>

namespace creel {
namespace {

using namespace std::chrono_literals;

Random always(double number) {
  return [number] { return number; };
}

constexpr double kAlmostOne = 0.999999999;

TEST(Backoff, DrawsFromZeroToACeilingThatDoubles) {
  const Backoff backoff{.base = 500ms, .cap = 30s};
  const struct {
    int attempt;
    std::chrono::milliseconds ceiling;
  } cases[] = {{1, 500ms}, {2, 1s}, {3, 2s}, {4, 4s}, {5, 8s}, {6, 16s}, {7, 30s}, {8, 30s}};
  for (const auto& [attempt, ceiling] : cases) {
    EXPECT_EQ(backoff.wait(attempt, always(0)), 0ms) << attempt;
    EXPECT_EQ(backoff.wait(attempt, always(0.5)), ceiling / 2) << attempt;
    EXPECT_EQ(backoff.wait(attempt, always(kAlmostOne)), ceiling - 1ms) << attempt;
  }
}

TEST(Backoff, StaysUnderTheCapHoweverManyAttemptsFailed) {
  const Backoff backoff{.base = 1s, .cap = 1min};
  for (const int attempt : {7, 31, 32, 33, 63, 64, 65, 1000, std::numeric_limits<int>::max()}) {
    EXPECT_EQ(backoff.wait(attempt, always(0.5)), 30s) << attempt;
  }
}

TEST(Backoff, IsCappedFromTheFirstAttemptOn) {
  const Backoff backoff{.base = 10s, .cap = 4s};
  EXPECT_EQ(backoff.wait(1, always(0.5)), 2s);
}

TEST(Backoff, WaitsAtLeastAsLongAsThePeerAsked) {
  const Backoff backoff{.base = 500ms, .cap = 30s};
  EXPECT_EQ(backoff.wait(1, always(0.5), 7s), 7s);
  EXPECT_EQ(backoff.wait(1, always(0.5), 1h), 1h) << "even beyond the cap";
  EXPECT_EQ(backoff.wait(7, always(0.5), 7s), 15s) << "the drawn wait is the longer one";
  EXPECT_EQ(backoff.wait(1, always(0.5), 0s), 250ms);
}

TEST(Backoff, DrawsDifferentNumbersBelowOneFromTheSystem) {
  const auto random = system_random();
  std::set<double> drawn;
  for (int i = 0; i < 1000; ++i) {
    const double number = random();
    ASSERT_GE(number, 0);
    ASSERT_LT(number, 1);
    drawn.insert(number);
  }
  EXPECT_GT(drawn.size(), 990U);
  EXPECT_LT(*drawn.begin(), 0.1);
  EXPECT_GT(*drawn.rbegin(), 0.9);
}

}  // namespace
}  // namespace creel

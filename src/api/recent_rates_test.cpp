#include "api/recent_rates.h"

#include <gtest/gtest.h>

namespace creel {
namespace {

using namespace std::chrono_literals;

constexpr SystemTime kNow{std::chrono::seconds(1'700'000'000)};

TEST(RecentRates, AddUpInStepsOfFiveSeconds) {
  RecentRates rates;
  rates.add_stored(10, kNow);
  rates.add_stored(5, kNow + 4999ms);
  rates.add_failed(kNow + 5s);
  const auto steps = rates.steps(kNow + 12s);
  ASSERT_EQ(steps.size(), RecentRates::kSteps);
  EXPECT_EQ(steps.back().at, kNow + 5s);
  EXPECT_EQ(steps.back().failed, 1U);
  EXPECT_EQ(steps.back().stored, 0U);
  EXPECT_EQ(steps[58].stored, 2U);
  EXPECT_EQ(steps[58].bytes, 15U);
  EXPECT_EQ(steps[57].at, kNow - 5s);
  EXPECT_EQ(steps[57].stored, 0U) << "nothing happened";
}

TEST(RecentRates, LeaveOutTheStepThatIsNotOver) {
  RecentRates rates;
  rates.add_stored(1, kNow);
  EXPECT_EQ(rates.steps(kNow + 4s).back().stored, 0U);
  EXPECT_EQ(rates.steps(kNow + 5s).back().stored, 1U);
}

TEST(RecentRates, ForgetWhatIsLongAgo) {
  RecentRates rates;
  for (int i = 0; i < 1000; ++i) rates.add_stored(1, kNow + i * 5s);
  std::uint64_t stored = 0;
  for (const auto& step : rates.steps(kNow + 1000 * 5s)) stored += step.stored;
  EXPECT_EQ(stored, RecentRates::kSteps);
  for (const auto& step : rates.steps(kNow + 1h + 1000 * 5s)) EXPECT_EQ(step.stored, 0U);
}

TEST(RecentRates, TakeAClockThatIsPutBack) {
  RecentRates rates;
  rates.add_stored(1, kNow);
  rates.add_stored(1, kNow - 1h);
  EXPECT_EQ(rates.steps(kNow + 5s).back().stored, 2U);
  EXPECT_EQ(rates.steps(kNow - 1h).back().stored, 0U);
}

}  // namespace
}  // namespace creel

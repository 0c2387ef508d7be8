#include "base/clock.h"

#include <gtest/gtest.h>

namespace creel {
namespace {

using namespace std::chrono_literals;

TEST(ManualClock, StandsStillUntilItIsToldToGoOn) {
  const SystemTime start(std::chrono::sys_days(std::chrono::year{2030} / 1 / 1));
  ManualClock clock(start);
  const auto steady = clock.steady_now();
  EXPECT_EQ(clock.now(), start);
  EXPECT_EQ(clock.steady_now(), steady);
  clock.advance(90s);
  EXPECT_EQ(clock.now(), start + 90s);
  EXPECT_EQ(clock.steady_now(), steady + 90s);
}

TEST(SystemClock, TellsTheTimeOfTheMachine) {
  const SystemClock clock;
  const auto before = std::chrono::system_clock::now();
  const auto steady_before = std::chrono::steady_clock::now();
  EXPECT_LE(before, clock.now());
  EXPECT_LE(steady_before, clock.steady_now());
  EXPECT_LE(clock.now(), std::chrono::system_clock::now());
  EXPECT_LE(clock.steady_now(), std::chrono::steady_clock::now());
}

}  // namespace
}  // namespace creel

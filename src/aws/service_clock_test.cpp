#include "aws/service_clock.h"

#include <gtest/gtest.h>

namespace creel::aws {
namespace {

using namespace std::chrono_literals;

TEST(ServiceClock, IsOursUntilTheServiceHasTold) {
  ManualClock ours(SystemTime(1h));
  ServiceClock clock(ours);
  EXPECT_EQ(clock.now(), ours.now());
  EXPECT_FALSE(clock.correct(0s, std::nullopt));
  EXPECT_FALSE(clock.correct(0s, ours.now() + 3min)) << "so little is not why it was refused";
  EXPECT_FALSE(clock.correct(0s, ours.now() - 3min));
  EXPECT_EQ(clock.now(), ours.now());
}

TEST(ServiceClock, FollowsTheDateOfARefusal) {
  ManualClock ours(SystemTime(1h));
  ServiceClock clock(ours);
  EXPECT_TRUE(clock.correct(0s, ours.now() - 2h));
  EXPECT_EQ(clock.offset(), -2h);
  EXPECT_EQ(clock.now(), ours.now() - 2h);
  EXPECT_FALSE(clock.correct(-2h, ours.now() - 2h)) << "it was signed by that time and refused all the same";
}

TEST(ServiceClock, SendsAgainWhatWasSignedBeforeItLearned) {
  ManualClock ours(SystemTime(1h));
  ServiceClock clock(ours);
  EXPECT_TRUE(clock.correct(0s, ours.now() + 1h));
  EXPECT_TRUE(clock.correct(0s, ours.now() + 1h));
  EXPECT_EQ(clock.offset(), 1h) << "not twice as far";
}

}  // namespace
}  // namespace creel::aws

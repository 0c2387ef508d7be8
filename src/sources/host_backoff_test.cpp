#include "sources/host_backoff.h"

#include <gtest/gtest.h>

namespace creel {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

const SystemTime kNow = std::chrono::system_clock::from_time_t(1'700'000'000);

HostBackoff backoff(double random = 0.5) {
  return {{}, [random] { return random; }};
}

TEST(HostBackoff, LeavesAHostAloneForAsLongAsItAskedFor) {
  auto hosts = backoff();
  hosts.refused("a.test", seconds(120), "status 429", kNow);
  ASSERT_TRUE(hosts.pause("a.test", kNow));
  EXPECT_EQ(hosts.pause("a.test", kNow)->until, kNow + seconds(120));
  EXPECT_EQ(hosts.pause("a.test", kNow)->reason, "status 429");
  EXPECT_TRUE(hosts.pause("a.test", kNow + seconds(119)));
  EXPECT_FALSE(hosts.pause("a.test", kNow + seconds(120)));
  EXPECT_FALSE(hosts.pause("b.test", kNow));
}

TEST(HostBackoff, DoesNotWaitLongerThanADay) {
  auto hosts = backoff();
  hosts.refused("a.test", std::chrono::days(300), "", kNow);
  EXPECT_EQ(hosts.pause("a.test", kNow)->until, kNow + std::chrono::days(1));
}

TEST(HostBackoff, KeepsTheLongerOfTwoPauses) {
  auto hosts = backoff();
  hosts.refused("a.test", seconds(120), "long", kNow);
  hosts.refused("a.test", seconds(60), "short", kNow + seconds(1));
  EXPECT_EQ(hosts.pause("a.test", kNow + seconds(2))->reason, "long");
}

TEST(HostBackoff, TellsOfAPauseThatIsNewOrLonger) {
  auto hosts = backoff();
  const auto pause = hosts.refused("a.test", seconds(120), "status 429", kNow);
  ASSERT_TRUE(pause);
  EXPECT_EQ(pause->until, kNow + seconds(120));
  EXPECT_EQ(pause->reason, "status 429");
  EXPECT_FALSE(hosts.refused("a.test", seconds(60), "", kNow));
  EXPECT_TRUE(hosts.refused("a.test", seconds(121), "", kNow));
}

TEST(HostBackoff, LearnsOfThePausesOfOthers) {
  auto hosts = backoff();
  hosts.learn("a.test", {.until = kNow + seconds(120), .reason = "status 429"}, kNow);
  EXPECT_EQ(hosts.pause("a.test", kNow)->until, kNow + seconds(120));
  EXPECT_EQ(hosts.pause("a.test", kNow)->reason, "status 429");
  hosts.learn("a.test", {.until = kNow + seconds(60), .reason = "shorter"}, kNow);
  EXPECT_EQ(hosts.pause("a.test", kNow)->until, kNow + seconds(120));
  hosts.learn("b.test", {.until = kNow + std::chrono::days(300), .reason = "another clock"}, kNow);
  EXPECT_EQ(hosts.pause("b.test", kNow)->until, kNow + std::chrono::days(1));
}

TEST(HostBackoff, MakesEachPauseLongerWhereNoneIsAskedFor) {
  auto hosts = backoff(0.999);
  auto now = kNow;
  for (const int expected : {60, 120, 240, 480, 960, 1920, 3600, 3600}) {
    hosts.refused("a.test", std::nullopt, "", now);
    const auto wait = std::chrono::round<seconds>(hosts.pause("a.test", now)->until - now);
    EXPECT_NEAR(static_cast<double>(wait.count()), expected, 3);
    now += wait;
  }
}

TEST(HostBackoff, TakesHalfOfAPauseByChance) {
  auto hosts = backoff(0);
  hosts.refused("a.test", std::nullopt, "", kNow);
  EXPECT_EQ(hosts.pause("a.test", kNow)->until, kNow + seconds(30));
}

TEST(HostBackoff, LeavesAHostAloneAfterThreeFailuresInARow) {
  auto hosts = backoff();
  hosts.failed("a.test", "", kNow);
  hosts.failed("a.test", "", kNow);
  EXPECT_FALSE(hosts.pause("a.test", kNow));
  hosts.succeeded("a.test");
  hosts.failed("a.test", "", kNow);
  hosts.failed("a.test", "", kNow);
  EXPECT_FALSE(hosts.pause("a.test", kNow));
  hosts.failed("a.test", "no answer", kNow);
  ASSERT_TRUE(hosts.pause("a.test", kNow));
  EXPECT_EQ(hosts.pause("a.test", kNow)->reason, "no answer");
}

TEST(HostBackoff, PausesAtOnceWhereAHostIsStillBrokenAfterAPause) {
  auto hosts = backoff();
  for (int i = 0; i < 3; ++i) hosts.failed("a.test", "", kNow);
  hosts.failed("a.test", "", kNow + seconds(1));
  EXPECT_EQ(hosts.pause("a.test", kNow)->until, kNow + seconds(45)) << "a failure during the pause is no new one";
  hosts.failed("a.test", "", kNow + minutes(2));
  EXPECT_EQ(hosts.pause("a.test", kNow + minutes(2))->until, kNow + minutes(2) + seconds(90));
}

TEST(HostBackoff, SpreadsThoseThatWait) {
  double random = 0;
  HostBackoff hosts({}, [&random] { return random; });
  hosts.refused("a.test", seconds(400), "", kNow);
  const auto pause = *hosts.pause("a.test", kNow);
  EXPECT_EQ(hosts.spread_wait(pause, kNow), seconds(400));
  random = 0.5;
  EXPECT_EQ(hosts.spread_wait(pause, kNow), seconds(455));
  random = 0.9999;
  EXPECT_EQ(hosts.spread_wait(pause, kNow + seconds(200)), seconds(259));
}

TEST(HostBackoff, ForgetsHostsThatHaveNotFailedForLong) {
  auto hosts = backoff();
  for (int i = 0; i < 5000; ++i) {
    hosts.refused("host" + std::to_string(i), seconds(5), "", kNow + minutes(i * 10));
  }
  EXPECT_TRUE(hosts.pause("host4999", kNow + minutes(49990)));
  hosts.failed("host0", "", kNow + minutes(50000));
  EXPECT_FALSE(hosts.pause("host0", kNow + minutes(50000)));
}

}  // namespace
}  // namespace creel

#include "cli/progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace creel {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class ProgressTest : public ::testing::Test {
 protected:
  void store(int images) {
    for (int i = 0; i < images; ++i) tally_.count({.status = ImageStatus::stored, .stored = StoredFacts{}});
  }

  void fail(FailureKind kind) { tally_.count({.failure = FailureFacts{kind, ""}}); }

  std::string line(std::chrono::milliseconds after, std::uint64_t sent_bytes = 0) {
    now_ += after;
    return progress_.line(
        {.tally = tally_, .total_is_known = total_is_known_, .in_flight = 12, .sent_bytes = sent_bytes}, now_);
  }

  SteadyTime now_{100s};
  Tally tally_;
  Progress progress_{now_};
  bool total_is_known_ = false;
};

TEST_F(ProgressTest, ShowsThatTheTotalIsNotKnownYet) {
  tally_.count_listed(1000);
  store(100);
  EXPECT_THAT(line(10s), StartsWith("100/1000+  10.0 images/s"));
  EXPECT_THAT(line(1s), Not(HasSubstr("left")));
}

TEST_F(ProgressTest, ShowsTheTimeLeftOnceTheTotalIsKnown) {
  total_is_known_ = true;
  tally_.count_listed(1000);
  store(100);
  const auto text = line(10s, 27'900'000);
  EXPECT_THAT(text, StartsWith("100/1000  10.0 images/s  2.8 MB/s  12 in flight"));
  EXPECT_THAT(text, HasSubstr("1m 31s left"));
}

TEST_F(ProgressTest, ShowsNoTimeLeftAtTheEnd) {
  total_is_known_ = true;
  tally_.count_listed(100);
  store(100);
  EXPECT_THAT(line(10s), Not(HasSubstr("left")));
}

TEST_F(ProgressTest, FollowsTheSpeedOfTheLastSeconds) {
  tally_.count_listed(10'000);
  store(1000);
  EXPECT_THAT(line(1s), HasSubstr(" 1000.0 images/s"));
  for (int i = 0; i < 60; ++i) {
    store(10);
    line(1s);
  }
  store(10);
  EXPECT_THAT(line(1s), HasSubstr(" 10.0 images/s"));
}

TEST_F(ProgressTest, ShowsTheMeanWhileThatIsYoung) {
  tally_.count_listed(10'000);
  store(1);
  EXPECT_THAT(line(250ms), HasSubstr(" 4.0 images/s"));
  store(99);
  EXPECT_THAT(line(750ms), HasSubstr(" 100.0 images/s"));
}

TEST_F(ProgressTest, ShowsTheMostFrequentFailures) {
  EXPECT_THAT(line(1s), Not(HasSubstr("failed")));
  fail(FailureKind::timeout);
  fail(FailureKind::not_found);
  fail(FailureKind::not_found);
  EXPECT_THAT(line(1s), HasSubstr("3 failed (2 not_found, 1 timeout)"));
  for (int i = 0; i < 3; ++i) fail(FailureKind::too_large);
  for (int i = 0; i < 4; ++i) fail(FailureKind::dns);
  EXPECT_THAT(line(1s), HasSubstr("10 failed (4 dns, 3 too_large, 2 not_found, ...)"));
}

TEST_F(ProgressTest, StandsStillWhenNoTimeHasPassed) {
  EXPECT_THAT(line(0s), StartsWith("0/0+  0.0 images/s  0 B/s"));
}

}  // namespace
}  // namespace creel

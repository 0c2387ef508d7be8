#include "ingest/host_governor.h"

#include <gtest/gtest.h>

namespace creel {
namespace {

using namespace std::chrono_literals;

const std::string kHost = "a.example";

/// Every wait is half of what it may be at most.
class HostGovernorTest : public ::testing::Test {
 protected:
  using Until = std::optional<SystemTime>;

  Until end(const Failure* failure, SystemTime started_at) {
    governor_.started(kHost);
    return governor_.finished(kHost, failure, started_at, now_);
  }

  Until fail(FailureKind kind, std::optional<std::chrono::seconds> retry_after = std::nullopt) {
    const Failure failure(kind, "nobody there", retry_after);
    return end(&failure, now_);
  }

  Until succeed() { return end(nullptr, now_); }

  Until fail_times(int times, FailureKind kind) {
    Until until;
    for (int i = 0; i < times; ++i) until = fail(kind);
    return until;
  }

  bool may_start() const { return governor_.may_start(kHost, 1, 0, now_); }

  /// Fails one try after the other, each as soon as it may start, until the host is given up.
  int pauses_until_given_up() {
    int pauses = 0;
    for (; !governor_.given_up(kHost, now_) && pauses < 100; ++pauses) {
      auto until = fail(FailureKind::connect);
      while (!until) until = fail(FailureKind::connect);
      now_ = *until;
    }
    return pauses;
  }

  SystemTime now_{1'000'000s};
  HostGovernor governor_{{.per_host = 4, .concurrency = 8}, [] { return 0.5; }};
};

TEST_F(HostGovernorTest, AllowsAHostItsLimitAndNoMore) {
  for (int i = 0; i < 4; ++i) {
    EXPECT_TRUE(may_start());
    governor_.started(kHost);
  }
  EXPECT_FALSE(may_start());
  EXPECT_TRUE(governor_.may_start("b.example", 1, 0, now_));
  EXPECT_EQ(governor_.in_flight(kHost), 4U);
  governor_.finished(kHost, nullptr, now_, now_);
  EXPECT_TRUE(may_start());
}

TEST_F(HostGovernorTest, KeepsHostsToTheirFairShareWhenMostSlotsAreTaken) {
  governor_.started(kHost);
  governor_.started(kHost);
  EXPECT_TRUE(governor_.may_start(kHost, 4, 5, now_)) << "there is room enough";
  EXPECT_FALSE(governor_.may_start(kHost, 4, 6, now_)) << "two slots each";
  EXPECT_TRUE(governor_.may_start(kHost, 2, 6, now_)) << "four slots each";
  EXPECT_TRUE(governor_.may_start("b.example", 100, 7, now_)) << "always one";
}

TEST_F(HostGovernorTest, PausesAHostThatWasNotThereFiveTimes) {
  EXPECT_FALSE(fail(FailureKind::dns));
  EXPECT_FALSE(fail(FailureKind::connect));
  EXPECT_FALSE(fail(FailureKind::timeout));
  EXPECT_FALSE(fail(FailureKind::connect));
  EXPECT_TRUE(may_start());
  EXPECT_EQ(fail(FailureKind::connect), now_ + 500ms);
  EXPECT_FALSE(may_start());
  now_ += 500ms;
  EXPECT_TRUE(may_start());
}

TEST_F(HostGovernorTest, AsksAfterAPauseWithOneTransferAtATime) {
  fail_times(5, FailureKind::connect);
  now_ += 500ms;
  governor_.started(kHost);
  EXPECT_FALSE(may_start());
  EXPECT_FALSE(governor_.finished(kHost, nullptr, now_, now_));
  governor_.started(kHost);
  EXPECT_TRUE(may_start()) << "it is back";
}

TEST_F(HostGovernorTest, PausesLongerEachTime) {
  EXPECT_EQ(fail_times(5, FailureKind::connect), now_ + 500ms);
  for (const auto pause : {1s, 2s, 4s, 8s}) {
    now_ += 1h;
    EXPECT_EQ(fail(FailureKind::connect), now_ + pause);
  }
}

TEST_F(HostGovernorTest, GivesAHostUpAfterFivePausesAndSaysWhy) {
  EXPECT_EQ(pauses_until_given_up(), 6);
  const auto reason = governor_.given_up(kHost, now_);
  ASSERT_TRUE(reason);
  EXPECT_EQ(reason->kind(), FailureKind::connect);
  EXPECT_STREQ(reason->what(), "gave the host up after 10 tries in a row: nobody there");
  EXPECT_FALSE(governor_.given_up("b.example", now_));
}

TEST_F(HostGovernorTest, AsksAHostAgainSomeTimeAfterItWasGivenUp) {
  pauses_until_given_up();
  EXPECT_TRUE(governor_.given_up(kHost, now_ + 15min - 1s));
  now_ += 15min;
  EXPECT_FALSE(governor_.given_up(kHost, now_));
  EXPECT_TRUE(may_start());
  EXPECT_FALSE(fail_times(4, FailureKind::connect)) << "it begins anew";
}

TEST_F(HostGovernorTest, LeavesTheWholeHostAloneAsLongAsItAsks) {
  EXPECT_EQ(fail(FailureKind::rate_limited, 40s), now_ + 40s);
  EXPECT_FALSE(governor_.may_start(kHost, 1, 0, now_ + 39s));
  EXPECT_TRUE(governor_.may_start(kHost, 1, 0, now_ + 40s));
  EXPECT_FALSE(fail(FailureKind::rate_limited, 20s)) << "a shorter wait changes nothing";
  EXPECT_EQ(fail(FailureKind::server_error, 60s), now_ + 60s) << "503 with Retry-After";
}

TEST_F(HostGovernorTest, ChoosesThePauseItselfIfAHostThatLimitsNamesNone) {
  EXPECT_EQ(fail(FailureKind::rate_limited), now_ + 500ms);
}

TEST_F(HostGovernorTest, GivesUpAHostThatAsksForTooLongAWait) {
  EXPECT_FALSE(governor_.given_up(kHost, now_));
  fail(FailureKind::rate_limited, 3600s);
  const auto reason = governor_.given_up(kHost, now_ + 59min);
  ASSERT_TRUE(reason);
  EXPECT_EQ(reason->kind(), FailureKind::rate_limited);
  EXPECT_STREQ(reason->what(), "the host asks to wait for 3600 s: run again after that");
  EXPECT_FALSE(governor_.given_up(kHost, now_ + 1h));
}

TEST_F(HostGovernorTest, GivesUpAHostThatAsksToWaitEveryTimeItIsAskedAgain) {
  int pauses = 0;
  for (; !governor_.given_up(kHost, now_) && pauses < 100; ++pauses) {
    const auto until = fail(FailureKind::server_error, 7s);
    if (!governor_.given_up(kHost, now_)) EXPECT_EQ(until, now_ + 7s) << "the host's word, and no more";
    now_ = *until;
  }
  EXPECT_EQ(pauses, 11);
  EXPECT_EQ(governor_.given_up(kHost, now_)->kind(), FailureKind::server_error);
}

TEST_F(HostGovernorTest, TakesASuccessForTheEndOfRefusals) {
  for (int i = 0; i < 50; ++i) {
    now_ = fail(FailureKind::rate_limited, 1s).value_or(now_);
    if (i % 5 == 4) succeed();
  }
  EXPECT_FALSE(governor_.given_up(kHost, now_));
}

TEST_F(HostGovernorTest, LearnsNothingFromFailuresThatBeganBeforeThePause) {
  const auto before = now_ - 1s;
  fail_times(5, FailureKind::connect);
  const Failure failure(FailureKind::connect, "nobody there");
  now_ += 1s;
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(end(&failure, before));
  EXPECT_EQ(fail(FailureKind::connect), now_ + 1s) << "the second pause";
}

TEST_F(HostGovernorTest, DoesNotBlameAHostForFailuresOfOurOwn) {
  for (const auto kind : {FailureKind::store_denied, FailureKind::store_throttled, FailureKind::store_error,
                          FailureKind::function_timeout, FailureKind::cancelled, FailureKind::internal}) {
    EXPECT_FALSE(fail_times(10, kind));
    EXPECT_FALSE(fail(kind, 60s)) << "the wait that a store asks for is not the host's";
  }
  EXPECT_TRUE(may_start());
  fail_times(4, FailureKind::connect);
  fail(FailureKind::store_error);
  EXPECT_TRUE(fail(FailureKind::connect)) << "and they are no sign that the host is there";
}

TEST_F(HostGovernorTest, ForgetsAbsencesWhenTheHostAnswers) {
  for (const auto answer : {FailureKind::not_found, FailureKind::server_error, FailureKind::truncated}) {
    EXPECT_FALSE(fail_times(4, FailureKind::connect));
    EXPECT_FALSE(fail(answer));
  }
  EXPECT_FALSE(fail_times(4, FailureKind::connect));
  EXPECT_FALSE(succeed());
  EXPECT_FALSE(fail_times(4, FailureKind::connect));
  EXPECT_EQ(fail(FailureKind::connect), now_ + 500ms);
}

TEST_F(HostGovernorTest, DoesNotGiveUpAHostThatLimitsUsForOneAbsence) {
  for (int i = 0; i < 8; ++i) now_ = fail(FailureKind::rate_limited, 1s).value_or(now_);
  fail(FailureKind::timeout);
  EXPECT_FALSE(governor_.given_up(kHost, now_));
}

}  // namespace
}  // namespace creel

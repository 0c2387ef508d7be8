#include "ingest/store_breaker.h"

#include <gtest/gtest.h>

namespace creel {
namespace {

using namespace std::chrono_literals;
using Verdict = StoreBreaker::Verdict;

class StoreBreakerTest : public ::testing::Test {
 protected:
  Verdict fail(FailureKind kind, std::optional<std::chrono::seconds> retry_after = {}) {
    const Failure failure(kind, "why", retry_after);
    return breaker_.finished(&failure, now_, now_);
  }

  void make_it_pause() {
    for (int i = 0; i < 3; ++i) fail(FailureKind::store_error);
  }

  SystemTime now_{1'700'000'000s};
  StoreBreaker breaker_{{.concurrency = 8}, [] { return 0.5; }};
};

TEST_F(StoreBreakerTest, LetsEverythingThroughAtFirst) {
  EXPECT_EQ(breaker_.limit(now_), 8U);
  EXPECT_FALSE(breaker_.trouble());
}

TEST_F(StoreBreakerTest, BlamesTheImageForTheFirstFailures) {
  EXPECT_EQ(fail(FailureKind::store_error), Verdict::counts);
  EXPECT_EQ(fail(FailureKind::store_error), Verdict::counts);
  EXPECT_EQ(fail(FailureKind::store_error), Verdict::is_away);
}

TEST_F(StoreBreakerTest, PausesAtOnceForAStoreThatRefuses) {
  EXPECT_EQ(fail(FailureKind::store_denied), Verdict::is_away);
  EXPECT_EQ(breaker_.limit(now_), 0U);
}

TEST_F(StoreBreakerTest, ForgetsFailuresWhenAnImageIsStored) {
  fail(FailureKind::store_error);
  fail(FailureKind::store_error);
  breaker_.finished(nullptr, now_, now_);
  EXPECT_EQ(fail(FailureKind::store_error), Verdict::counts);
}

TEST_F(StoreBreakerTest, TakesNoNoteOfOtherFailures) {
  for (int i = 0; i < 100; ++i) EXPECT_EQ(fail(FailureKind::not_found), Verdict::counts);
  EXPECT_EQ(breaker_.limit(now_), 8U);
}

TEST_F(StoreBreakerTest, TriesOneAfterThePauseAndAllOnceOneIsStored) {
  make_it_pause();
  EXPECT_EQ(breaker_.limit(now_), 0U);
  const auto until = breaker_.paused_until(now_);
  ASSERT_TRUE(until);
  now_ = *until;
  EXPECT_EQ(breaker_.limit(now_), 1U);
  breaker_.finished(nullptr, now_, now_);
  EXPECT_EQ(breaker_.limit(now_), 8U);
  EXPECT_FALSE(breaker_.trouble());
}

TEST_F(StoreBreakerTest, PausesLongerEachTimeUpToABound) {
  make_it_pause();
  auto last = *breaker_.paused_until(now_) - now_;
  for (int i = 0; i < 20; ++i) {
    now_ = *breaker_.paused_until(now_);
    EXPECT_EQ(fail(FailureKind::store_error), Verdict::is_away);
    const auto wait = *breaker_.paused_until(now_) - now_;
    EXPECT_GE(wait, last);
    EXPECT_LE(wait, 60s);
    last = wait;
  }
}

TEST_F(StoreBreakerTest, LearnsNothingFromTransfersThatBeganBeforeThePause) {
  make_it_pause();
  const auto until = breaker_.paused_until(now_);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(fail(FailureKind::store_error), Verdict::is_away);
  EXPECT_EQ(breaker_.paused_until(now_), until);
}

TEST_F(StoreBreakerTest, WaitsAsLongAsTheStoreAsks) {
  fail(FailureKind::store_denied, 40s);
  EXPECT_GE(*breaker_.paused_until(now_) - now_, 40s);
}

TEST_F(StoreBreakerTest, PausesWhenNothingCanBeCarriedOut) {
  breaker_.unusable(Failure(FailureKind::function_error, "no such function"), now_, now_);
  EXPECT_EQ(breaker_.limit(now_), 0U);
  EXPECT_STREQ(breaker_.trouble()->what(), "no such function");
}

}  // namespace
}  // namespace creel

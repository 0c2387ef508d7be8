#include "sources/caching_rules.h"

#include <gtest/gtest.h>

#include "net/http_status.h"

namespace creel {
namespace {

using std::chrono::seconds;

/// Sun, 06 Nov 1994 08:49:37 GMT
const SystemTime kNow = std::chrono::system_clock::from_time_t(784111777);

std::optional<seconds> fresh(const HttpHeaders& headers) {
  return freshness(headers, kNow);
}

TEST(Freshness, IsMaxAge) {
  EXPECT_EQ(fresh({{"cache-control", "max-age=600"}}), seconds(600));
  EXPECT_EQ(fresh({{"Cache-Control", "public, Max-Age = \"600\" , must-revalidate"}}), seconds(600));
  EXPECT_EQ(fresh({{"Cache-Control", "public"}, {"Cache-Control", "max-age=5"}}), seconds(5));
}

TEST(Freshness, IsLessByTheAgeOfTheAnswer) {
  EXPECT_EQ(fresh({{"Cache-Control", "max-age=600"}, {"Age", "100"}}), seconds(500));
  EXPECT_EQ(fresh({{"Cache-Control", "max-age=600"}, {"Age", "1000"}}), seconds(0));
  EXPECT_EQ(fresh({{"Cache-Control", "max-age=600"}, {"Age", "old"}}), seconds(600));
}

TEST(Freshness, ComesFromExpiresOnlyWithoutMaxAge) {
  EXPECT_EQ(fresh({{"Expires", "Sun, 06 Nov 1994 09:49:37 GMT"}}), seconds(3600));
  EXPECT_EQ(fresh({{"Expires", "Sun, 06 Nov 1994 09:49:37 GMT"}, {"Cache-Control", "max-age=60"}}), seconds(60));
  EXPECT_EQ(fresh({{"Expires", "Sun, 06 Nov 1994 09:49:37 GMT"}, {"Cache-Control", "max-age=soon"}}), seconds(3600));
}

TEST(Freshness, MeasuresExpiresByTheServersClock) {
  EXPECT_EQ(fresh({{"Expires", "Sun, 06 Nov 1994 05:00:00 GMT"}, {"Date", "Sun, 06 Nov 1994 04:00:00 GMT"}}),
            seconds(3600));
}

TEST(Freshness, IsZeroWhereExpiresHasPassed) {
  EXPECT_EQ(fresh({{"Expires", "Thu, 01 Jan 1970 00:00:01 GMT"}}), seconds(0));
}

TEST(Freshness, IsNotSaid) {
  EXPECT_EQ(fresh({}), std::nullopt);
  EXPECT_EQ(fresh({{"Expires", "0"}}), std::nullopt);
  EXPECT_EQ(fresh({{"Expires", "-1"}}), std::nullopt);
  EXPECT_EQ(fresh({{"Cache-Control", "s-maxage=600"}}), std::nullopt);
  EXPECT_EQ(fresh({{"Cache-Control", "max-age=-600"}}), std::nullopt);
}

TEST(Freshness, CountsForNothingWhereTheAnswerMustBeAskedForAgain) {
  EXPECT_EQ(fresh({{"Cache-Control", "no-cache, max-age=600"}}), std::nullopt);
  EXPECT_EQ(fresh({{"Cache-Control", "no-store"}, {"Expires", "Sun, 06 Nov 1994 09:49:37 GMT"}}), std::nullopt);
}

TEST(GoodAnswerWait, IsTheLongerOfFreshnessAndRetryAfter) {
  EXPECT_EQ(good_answer_wait({}, kNow), std::nullopt);
  EXPECT_EQ(good_answer_wait({{"Retry-After", "9000"}}, kNow), seconds(9000));
  EXPECT_EQ(good_answer_wait({{"Retry-After", "60"}, {"Cache-Control", "max-age=600"}}, kNow), seconds(600));
  EXPECT_EQ(good_answer_wait({{"Retry-After", "900"}, {"Cache-Control", "no-cache"}}, kNow), seconds(900));
  EXPECT_EQ(good_answer_wait({{"Retry-After", "soon"}, {"Cache-Control", "max-age=600"}}, kNow), seconds(600));
}

TEST(Freshness, HasAnEnd) {
  EXPECT_GT(fresh({{"Expires", "Fri, 31 Dec 9999 23:59:59 GMT"}, {"Date", "Mon, 01 Jan 1600 00:00:00 GMT"}}),
            std::chrono::days(365));
  EXPECT_GT(fresh({{"Cache-Control", "max-age=99999999999999999999"}}), std::chrono::days(365));
  EXPECT_LT(fresh({{"Cache-Control", "max-age=99999999999999999999"}}), std::chrono::days(36500));
}

std::optional<seconds> refused(const HttpHeaders& headers) {
  return refusal_wait(headers, kNow);
}

TEST(RefusalWait, IsRetryAfterInSecondsOrAsADate) {
  EXPECT_EQ(refused({{"Retry-After", " 120 "}}), seconds(120));
  EXPECT_EQ(refused({{"Retry-After", "Sun, 06 Nov 1994 08:50:37 GMT"}}), seconds(60));
  EXPECT_EQ(refused({{"Retry-After", "Sun, 06 Nov 1994 08:00:00 GMT"}}), seconds(0));
  EXPECT_EQ(refused({{"Retry-After", "later"}}), std::nullopt);
  EXPECT_EQ(refused({}), std::nullopt);
}

TEST(RefusalWait, IsTheTimeOfTheLimitsRenewalWithoutARetryAfter) {
  EXPECT_EQ(refused({{"RateLimit-Reset", "30"}}), seconds(30));
  EXPECT_EQ(refusal_wait({{"X-RateLimit-UserReset", "1700000060"}}, std::chrono::system_clock::from_time_t(1700000000)),
            seconds(60));
  EXPECT_EQ(refusal_wait({{"X-RateLimit-Reset", "1700000060000"}}, std::chrono::system_clock::from_time_t(1700000000)),
            seconds(60));
  EXPECT_EQ(refused({{"Retry-After", "5"}, {"X-RateLimit-Reset", "500"}}), seconds(5));
  EXPECT_EQ(refused({{"RateLimit-Reset", "30"}, {"X-RateLimit-UserReset", "50.7"}}), seconds(50));
}

TEST(UsedUpWait, IsToldByAGoodAnswer) {
  EXPECT_EQ(used_up_wait({{"X-Ratelimit-Remaining", "0.0"}, {"X-Ratelimit-Reset", "300"}}, kNow), seconds(300));
  EXPECT_EQ(used_up_wait({{"X-Ratelimit-Remaining", "1"}, {"X-Ratelimit-Reset", "300"}}, kNow), std::nullopt);
  EXPECT_EQ(used_up_wait({{"X-Ratelimit-Remaining", "0"}}, kNow), std::nullopt);
  EXPECT_EQ(used_up_wait({{"X-Ratelimit-Reset", "300"}}, kNow), std::nullopt);
}

}  // namespace
}  // namespace creel

#include "net/http_status.h"

#include <gtest/gtest.h>

namespace creel {
namespace {

using enum FailureKind;
using namespace std::chrono_literals;

/// One hour before the date of RFC 9110's examples.
const SystemTime kNow = std::chrono::sys_days(std::chrono::year{1994} / 11 / 6) + 7h + 49min + 37s;

TEST(HttpStatus, MeansAKindOfFailure) {
  const struct {
    int status;
    FailureKind kind;
  } cases[] = {
      {300, redirected},   {301, redirected},   {304, redirected},   {308, redirected},   {399, redirected},
      {400, bad_request},  {401, bad_auth},     {402, bad_request},  {403, forbidden},    {404, not_found},
      {405, bad_request},  {406, bad_request},  {407, bad_auth},     {408, timeout},      {409, bad_request},
      {410, not_found},    {411, bad_request},  {413, too_large},    {414, bad_request},  {415, bad_request},
      {416, bad_request},  {418, bad_request},  {421, bad_request},  {422, bad_request},  {425, rate_limited},
      {429, rate_limited}, {431, bad_request},  {451, forbidden},    {499, bad_request},  {500, server_error},
      {501, server_error}, {502, server_error}, {503, server_error}, {504, server_error}, {505, server_error},
      {520, server_error}, {599, server_error}, {999, server_error},
  };
  for (const auto& [status, kind] : cases) {
    const auto failure = failure_for_status(status, {}, kNow);
    EXPECT_EQ(failure.kind(), kind) << status;
    EXPECT_EQ(std::string(failure.what()), "the server answered with status " + std::to_string(status));
    EXPECT_FALSE(failure.retry_after()) << status;
  }
}

TEST(HttpStatus, ReadsRetryAfterOnlyWhereItAsksForPatience) {
  const HttpHeaders headers = {{"retry-after", "7"}};
  for (const int status : {429, 503}) EXPECT_EQ(failure_for_status(status, headers, kNow).retry_after(), 7s) << status;
  for (const int status : {301, 403, 404, 425, 500, 502, 504}) {
    EXPECT_FALSE(failure_for_status(status, headers, kNow).retry_after()) << status;
  }
  EXPECT_FALSE(failure_for_status(429, {{"Retry-After", "later"}}, kNow).retry_after());
}

TEST(RetryAfter, IsReadInSecondsOrAsADateInThreeForms) {
  const struct {
    std::string_view value;
    std::chrono::seconds wait;
  } cases[] = {
      {"0", 0s},
      {"120", 120s},
      {" 7 ", 7s},
      {"007", 7s},
      {"Sun, 06 Nov 1994 08:49:37 GMT", 1h},
      {"Sunday, 06-Nov-94 08:49:37 GMT", 1h},
      {"Sun Nov  6 08:49:37 1994", 1h},
      {"Sun, 06 Nov 1994 07:49:38 GMT", 1s},
  };
  for (const auto& [value, wait] : cases) EXPECT_EQ(parse_retry_after(value, kNow), wait) << value;
}

TEST(RetryAfter, WaitsUntilADateHasComeAndNotAlmost) {
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 07:49:39 GMT", kNow + 1ms), 2s);
}

TEST(RetryAfter, IsNoWaitForADateThatHasPassed) {
  for (const auto* value :
       {"Sun, 06 Nov 1994 07:49:37 GMT", "Sun, 06 Nov 1994 07:49:36 GMT", "Thu, 01 Jan 1970 00:00:00 GMT"}) {
    EXPECT_EQ(parse_retry_after(value, kNow), 0s) << value;
  }
}

TEST(RetryAfter, IsADayAtMost) {
  for (const auto* value :
       {"86400", "86401", "99999999999", "9223372036854775807", "9223372036854775808", "99999999999999999999999999",
        "Mon, 07 Nov 1994 07:49:38 GMT", "Sat, 06 Nov 2094 08:49:37 GMT"}) {
    EXPECT_EQ(parse_retry_after(value, kNow), 24h) << value;
  }
}

TEST(RetryAfter, IsNothingWhenItIsNeitherSecondsNorADate) {
  for (const auto* value : {"", " ", "garbage", "-5", "-99999999999999999999999", "+5", "1.5", "5s", "5 s", "5, 6",
                            "0x10", "1e3", "tomorrow", "12:30", "Sun, 99 Nov 1994 08:49:37 GMT",
                            "Sun, 06 Nov 1994 25:49:37 GMT", "1994-11-06T08:49:37Z"}) {
    EXPECT_FALSE(parse_retry_after(value, kNow)) << value;
  }
}

TEST(HttpDate, IsReadToTheSecond) {
  const auto expected = kNow + 1h;
  EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), expected);
  EXPECT_EQ(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT"), expected);
  EXPECT_EQ(parse_http_date("Sun Nov  6 08:49:37 1994"), expected);
  EXPECT_FALSE(parse_http_date("yesterday"));
}

}  // namespace
}  // namespace creel

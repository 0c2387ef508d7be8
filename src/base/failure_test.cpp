#include "base/failure.h"

#include <gtest/gtest.h>

namespace creel {
namespace {

using enum FailureKind;

/// What others rely on: the catalog on the number, reports and flags on the name, callers on the rest.
struct Row {
  FailureKind kind;
  int number;
  std::string_view name;
  bool retryable;
  int status_code;
};

constexpr Row kRows[] = {
    {bad_url, 1, "bad_url", false, 400},
    {blocked_address, 2, "blocked_address", false, 403},
    {dns, 3, "dns", true, 502},
    {connect, 4, "connect", true, 502},
    {tls, 5, "tls", false, 502},
    {timeout, 6, "timeout", true, 504},
    {redirected, 7, "redirected", false, 502},
    {bad_request, 8, "bad_request", false, 400},
    {bad_auth, 9, "bad_auth", false, 401},
    {forbidden, 10, "forbidden", false, 403},
    {not_found, 11, "not_found", false, 404},
    {rate_limited, 12, "rate_limited", true, 429},
    {server_error, 13, "server_error", true, 502},
    {truncated, 14, "truncated", true, 502},
    {too_large, 15, "too_large", false, 413},
    {not_an_image, 16, "not_an_image", false, 415},
    {placeholder, 17, "placeholder", false, 404},
    {opted_out, 18, "opted_out", false, 451},
    {store_denied, 19, "store_denied", false, 403},
    {store_throttled, 20, "store_throttled", true, 503},
    {store_error, 21, "store_error", true, 502},
    {function_error, 22, "function_error", false, 500},
    {function_timeout, 23, "function_timeout", true, 504},
    {function_throttled, 24, "function_throttled", true, 429},
    {cancelled, 25, "cancelled", true, 499},
    {internal, 26, "internal", false, 500},
};

TEST(FailureKind, IsPersistedUnderItsFixedNumber) {
  for (const auto& row : kRows) {
    EXPECT_EQ(static_cast<int>(row.kind), row.number) << row.name;
    EXPECT_EQ(failure_kind(row.number), row.kind) << row.name;
  }
}

TEST(FailureKind, HasANameThatReadsBack) {
  for (const auto& row : kRows) {
    EXPECT_EQ(to_string(row.kind), row.name);
    EXPECT_EQ(failure_kind(row.name), row.kind) << row.name;
  }
}

TEST(FailureKind, KnowsWhetherAnotherTryMaySucceed) {
  for (const auto& row : kRows) EXPECT_EQ(is_retryable(row.kind), row.retryable) << row.name;
}

TEST(FailureKind, MapsToTheStatusOfAnAnswer) {
  for (const auto& row : kRows) EXPECT_EQ(status_code(row.kind), row.status_code) << row.name;
}

TEST(FailureKind, IsListedInTheOrderOfTheNumbers) {
  const auto all = all_failure_kinds();
  ASSERT_EQ(all.size(), std::size(kRows));
  for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i], kRows[i].kind);
}

TEST(FailureKind, IsNothingForAnUnknownNameOrNumber) {
  for (const std::string_view name : {"", "DNS", "dns ", "not found", "ok"}) EXPECT_FALSE(failure_kind(name)) << name;
  for (const int number : {0, -1, 27, 255, 257}) EXPECT_FALSE(failure_kind(number)) << number;
}

TEST(Failure, CarriesKindMessageAndWait) {
  const Failure failure(rate_limited, "slow down", std::chrono::seconds(30));
  EXPECT_EQ(failure.kind(), rate_limited);
  EXPECT_STREQ(failure.what(), "slow down");
  EXPECT_EQ(failure.retry_after(), std::chrono::seconds(30));
  EXPECT_FALSE(Failure(dns, "no such host").retry_after());
}

}  // namespace
}  // namespace creel

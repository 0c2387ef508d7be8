#include "sources/caching_rules.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

#include <fmt/format.h>

#include "base/text.h"
#include "net/http_status.h"

namespace creel {
namespace {

using std::chrono::seconds;

/// Longer waits mean the same as this one; keeps sums far from overflowing.
constexpr std::int64_t kLongestSeconds = 10LL * 366 * 24 * 3600;
/// Smaller numbers in reset headers are waits, larger ones times.
constexpr std::int64_t kSmallestTime = 1'000'000'000;

/// A number of seconds, with a fraction or not. One that is too large is `kLongestSeconds` at least.
std::optional<std::int64_t> number_of(std::string_view value) {
  const auto text = trim(value);
  const auto digits = text.substr(0, text.find('.'));
  if (digits.empty() || text.find_first_not_of("0123456789.") != std::string_view::npos) return std::nullopt;
  std::int64_t number = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (parsed.ec == std::errc::result_out_of_range) return kLongestSeconds;
  if (parsed.ec != std::errc() || parsed.ptr != digits.data() + digits.size()) return std::nullopt;
  return number;
}

std::optional<seconds> seconds_of(std::string_view value) {
  const auto number = number_of(value);
  if (!number) return std::nullopt;
  return seconds(std::min(*number, kLongestSeconds));
}

std::optional<std::string_view> directive_of(const HttpHeaders& headers, std::string_view name) {
  for (const auto header : headers.find_all("Cache-Control")) {
    if (const auto value = cache_directive(header, name)) return value;
  }
  return std::nullopt;
}

std::optional<seconds> until_expiry(const HttpHeaders& headers, SystemTime now) {
  const auto expires = headers.find("Expires");
  const auto expiry = expires ? parse_http_date(*expires) : std::nullopt;
  if (!expiry) return std::nullopt;
  const auto date_header = headers.find("Date");
  const auto answered = date_header ? parse_http_date(*date_header) : std::nullopt;
  return std::clamp(std::chrono::floor<seconds>(*expiry - answered.value_or(now)), seconds(0),
                    seconds(kLongestSeconds));
}

std::optional<seconds> reset_of(const HttpHeaders& headers, std::string_view prefix, SystemTime now) {
  const auto header = headers.find(fmt::format("{}Reset", prefix));
  const auto number = header ? number_of(*header) : std::nullopt;
  if (!number) return std::nullopt;
  if (*number < kSmallestTime) return seconds(*number);
  // Some tell the time in milliseconds.
  const auto time = *number >= kSmallestTime * 100 ? *number / 1000 : *number;
  const auto since_1970 = std::chrono::floor<seconds>(now.time_since_epoch()).count();
  return seconds(std::clamp<std::int64_t>(time - since_1970, 0, kLongestSeconds));
}

/// In front of "Remaining" and "Reset".
constexpr std::array<std::string_view, 5> kLimitHeaders = {"RateLimit-", "X-RateLimit-", "X-Rate-Limit-",
                                                           "X-RateLimit-User", "X-RateLimit-Client"};

}  // namespace

std::optional<std::string_view> cache_directive(std::string_view header, std::string_view name) {
  for (const auto part : split(header, ',')) {
    const auto equals = part.find('=');
    if (!ascii_iequals(trim(part.substr(0, equals)), name)) continue;
    if (equals == std::string_view::npos) return "";
    auto value = trim(part.substr(equals + 1));
    if (value.size() >= 2 && value.starts_with('"') && value.ends_with('"')) value = value.substr(1, value.size() - 2);
    return value;
  }
  return std::nullopt;
}

std::optional<seconds> freshness(const HttpHeaders& headers, SystemTime now) {
  if (directive_of(headers, "no-cache") || directive_of(headers, "no-store")) return std::nullopt;
  if (const auto max_age = directive_of(headers, "max-age")) {
    const auto age_header = headers.find("Age");
    const auto age = age_header ? seconds_of(*age_header) : std::nullopt;
    const auto lifetime = seconds_of(*max_age);
    if (lifetime) return std::max(seconds(0), *lifetime - age.value_or(seconds(0)));
  }
  return until_expiry(headers, now);
}

std::optional<seconds> good_answer_wait(const HttpHeaders& headers, SystemTime now) {
  auto wait = freshness(headers, now);
  const auto header = headers.find("Retry-After");
  const auto asked = header ? parse_retry_after(*header, now) : std::nullopt;
  if (asked) wait = std::max(wait.value_or(seconds(0)), *asked);
  return wait;
}

std::optional<seconds> refusal_wait(const HttpHeaders& headers, SystemTime now) {
  if (const auto header = headers.find("Retry-After")) {
    if (const auto wait = parse_retry_after(*header, now)) return wait;
  }
  std::optional<seconds> longest;
  for (const auto prefix : kLimitHeaders) {
    if (const auto wait = reset_of(headers, prefix, now)) longest = std::max(longest.value_or(seconds(0)), *wait);
  }
  return longest;
}

std::optional<seconds> used_up_wait(const HttpHeaders& headers, SystemTime now) {
  std::optional<seconds> longest;
  for (const auto prefix : kLimitHeaders) {
    const auto remaining = headers.find(fmt::format("{}Remaining", prefix));
    if (!remaining || number_of(*remaining) != 0) continue;
    if (const auto wait = reset_of(headers, prefix, now)) longest = std::max(longest.value_or(seconds(0)), *wait);
  }
  return longest;
}

}  // namespace creel

#include "net/http_status.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include <curl/curl.h>
#include <fmt/format.h>

#include "base/text.h"

namespace creel {
namespace {

FailureKind kind_for(int status) {
  switch (status) {
    case 401:
    case 407: return FailureKind::bad_auth;
    case 403:
    case 451: return FailureKind::forbidden;
    case 404:
    case 410: return FailureKind::not_found;
    case 408: return FailureKind::timeout;
    case 413: return FailureKind::too_large;
    case 425:
    case 429: return FailureKind::rate_limited;
    default: break;
  }
  if (status >= 500) return FailureKind::server_error;
  if (status >= 400) return FailureKind::bad_request;
  return status >= 300 ? FailureKind::redirected : FailureKind::server_error;
}

constexpr std::chrono::seconds kLongestWait = std::chrono::days(1);

}  // namespace

Failure failure_for_status(int status, const HttpHeaders& headers, SystemTime now) {
  std::optional<std::chrono::seconds> retry_after;
  if (status == 429 || status == 503) {
    if (const auto value = headers.find("Retry-After")) retry_after = parse_retry_after(*value, now);
  }
  return {kind_for(status), fmt::format("the server answered with status {}", status), retry_after};
}

std::optional<std::chrono::seconds> parse_retry_after(std::string_view value, SystemTime now) {
  const auto text = trim(value);
  if (!text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos) {
    std::int64_t seconds = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (parsed.ec == std::errc::result_out_of_range) return kLongestWait;
    return std::min(std::chrono::seconds(seconds), kLongestWait);
  }
  const auto date = parse_http_date(text);
  if (!date) return std::nullopt;
  return std::clamp(std::chrono::ceil<std::chrono::seconds>(*date - now), std::chrono::seconds(0), kLongestWait);
}

std::optional<SystemTime> parse_http_date(std::string_view value) {
  const auto seconds = curl_getdate(std::string(value).c_str(), nullptr);
  if (seconds == -1) return std::nullopt;
  // "Expires: Fri, 31 Dec 9999" is common, and beyond what can be counted in nanoseconds.
  constexpr std::int64_t kYear2200 = 7'258'118'400;
  return std::chrono::system_clock::from_time_t(std::clamp<std::int64_t>(seconds, 0, kYear2200));
}

}  // namespace creel

#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "base/failure.h"
#include "net/http_headers.h"

namespace creel {

/// What a status of 300 or more from a web server means for an image. Retry-After is read on 429 and 503.
Failure failure_for_status(int status, const HttpHeaders& headers, SystemTime now);

/// The value of a Retry-After header (RFC 9110, 10.2.3), in seconds or as a date; nothing if it is neither.
/// A date that has passed is zero; the longest wait is a day.
std::optional<std::chrono::seconds> parse_retry_after(std::string_view value, SystemTime now);

/// A date of HTTP in any of its three forms (RFC 9110, 5.6.7). One outside of 1970 to 2200 is the nearest inside.
std::optional<SystemTime> parse_http_date(std::string_view value);

}  // namespace creel

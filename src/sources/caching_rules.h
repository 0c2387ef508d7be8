#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "net/http_headers.h"

namespace creel {

// How long a peer wants to be left alone, by what its answers say. All waits are zero or more.

/// How long an answer stays fresh: Cache-Control's max-age less the answer's Age, or else Expires, measured from the
/// answer's own Date where it has one (RFC 9111, 4.2.1). Nothing if it does not say, or must not be reused unasked
/// (no-cache, no-store).
std::optional<std::chrono::seconds> freshness(const HttpHeaders& headers, SystemTime now);

/// How long a good answer asks to be left alone: as long as it is fresh, or its Retry-After, whichever is longer.
std::optional<std::chrono::seconds> good_answer_wait(const HttpHeaders& headers, SystemTime now);

/// What a refusal (429 or 503) asks for: Retry-After, in seconds or as a date, or else the headers in which interfaces tell
/// when a used-up limit is renewed (RateLimit-Reset, X-RateLimit-Reset and the like; seconds, or a time in seconds
/// since 1970). Nothing if it does not say.
std::optional<std::chrono::seconds> refusal_wait(const HttpHeaders& headers, SystemTime now);

/// When the limit is renewed, if a good answer says that nothing is left of it (X-RateLimit-Remaining: 0 and the like).
std::optional<std::chrono::seconds> used_up_wait(const HttpHeaders& headers, SystemTime now);

/// The value of a directive in Cache-Control headers, "" if it has none; nothing if it is not there. Names compare
/// without case, quotes around the value are dropped.
std::optional<std::string_view> cache_directive(std::string_view header, std::string_view name);

}  // namespace creel

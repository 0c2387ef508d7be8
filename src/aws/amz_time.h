#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace creel::aws {

/// "20260131T235959Z", as signatures write it. Its first eight characters are
/// the day.
std::string format_amz_time(SystemTime time);

/// "2026-01-31T23:59:59Z", with or without a fraction, "Z" or an offset like
/// "+01:00"; nothing if it is none of these.
std::optional<SystemTime> parse_iso_time(std::string_view text);

}  // namespace creel::aws

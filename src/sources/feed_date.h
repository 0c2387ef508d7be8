#pragma once

#include <optional>
#include <string_view>

#include "base/clock.h"

namespace creel {

/// A date as feeds write it: RFC 3339 and its relatives (a blank for the T, no seconds, no zone, the date or the month
/// alone; without a zone it is UTC), or RFC 822 with what people make of it. Nothing if it is none, or outside of 1970 to
/// 2200.
std::optional<SystemTime> parse_feed_date(std::string_view text);

}  // namespace creel

#pragma once

#include <optional>
#include <string_view>

#include "base/clock.h"

namespace creel {

// Times as they are written on the web. All of them are nothing for what is no date of the calendar, and for what lies
// outside of the years 1678 to 2261, which times cannot hold.

/// What APIs write: a date ("2024-01-31"), or a date and a time as in RFC 3339, with "T" or a blank between them, seconds
/// or none, fractions of a second or none, and an offset ("Z", "+02:00", "+0200") or none, which means UTC.
std::optional<SystemTime> iso_time(std::string_view text);

/// What feeds write: the same, also the year or the month alone, or RFC 822 with what people make of it. Nothing outside
/// of 1970 to 2200: that is a mistake of the feed's.
std::optional<SystemTime> feed_time(std::string_view text);

/// So many seconds after 1970.
std::optional<SystemTime> epoch_time(double seconds);

}  // namespace creel

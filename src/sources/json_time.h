#pragma once

#include <optional>
#include <string_view>

#include "base/clock.h"

namespace creel {

/// The instant that an API writes as text: a date ("2024-01-31"), or a date and a time as in RFC 3339, with "T" or a
/// blank between them, fractions of a second or none, and an offset ("Z", "+02:00", "+0200") or none, which means UTC.
/// Nothing for all else, and for what is no date of the calendar.
std::optional<SystemTime> json_time(std::string_view text);

/// The instant that is so many seconds after 1970; nothing for numbers out of reason.
std::optional<SystemTime> epoch_time(double seconds);

}  // namespace creel

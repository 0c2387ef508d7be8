#pragma once

#include <bitset>
#include <chrono>
#include <optional>
#include <string_view>

#include "base/clock.h"

namespace creel {

/// How often a feed wants to be asked, by its own words.
struct FeedSchedule {
  /// RSS `ttl`, or `sy:updatePeriod` divided by `sy:updateFrequency`.
  std::optional<std::chrono::seconds> period;
  /// RSS `skipHours` (UTC) and `skipDays` (from Sunday).
  std::bitset<24> skipped_hours;
  std::bitset<7> skipped_days;
  /// A JSON feed that says it is finished.
  bool is_expired = false;
};

/// How long to wait before the next poll; nothing if the feed does not say.
std::optional<std::chrono::seconds> wait_of(const FeedSchedule& schedule, SystemTime now);

/// "hourly" and so on; nothing for other words.
std::optional<std::chrono::seconds> update_period(std::string_view name);

/// The day of that English name, from Sunday.
std::optional<std::size_t> day_of_week(std::string_view name);

}  // namespace creel

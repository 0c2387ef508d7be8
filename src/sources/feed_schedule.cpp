#include "sources/feed_schedule.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"

namespace creel {
namespace chrono = std::chrono;

std::optional<chrono::seconds> wait_of(const FeedSchedule& schedule, SystemTime now) {
  constexpr chrono::days kLongest(366);
  if (schedule.is_expired) return kLongest;
  auto wait = schedule.period.value_or(chrono::seconds(0));
  wait = std::min<chrono::seconds>(wait, kLongest);
  // The end of the hour or day that is to be skipped, and then of the next one; a week of them is all of them.
  for (int hours = 0; hours < 7 * 24; ++hours) {
    const auto then = now + wait;
    const auto day = chrono::floor<chrono::days>(then);
    const auto hour = chrono::floor<chrono::hours>(then - day).count();
    const auto weekday = chrono::weekday(day).c_encoding();
    if (!schedule.skipped_days.test(weekday) && !schedule.skipped_hours.test(static_cast<std::size_t>(hour))) break;
    wait = chrono::ceil<chrono::seconds>(chrono::floor<chrono::hours>(then) + chrono::hours(1) - now);
  }
  return wait > chrono::seconds(0) ? std::optional(wait) : std::nullopt;
}

std::optional<chrono::seconds> update_period(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, chrono::seconds>, 5> kPeriods = {
      {{"hourly", chrono::hours(1)},
       {"daily", chrono::days(1)},
       {"weekly", chrono::days(7)},
       {"monthly", chrono::days(30)},
       {"yearly", chrono::days(365)}}};
  for (const auto& [period, length] : kPeriods) {
    if (ascii_iequals(trim(name), period)) return length;
  }
  return std::nullopt;
}

std::optional<std::size_t> day_of_week(std::string_view name) {
  static constexpr std::array<std::string_view, 7> kDays = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                            "Thursday", "Friday", "Saturday"};
  for (std::size_t day = 0; day < kDays.size(); ++day) {
    if (ascii_iequals(trim(name), kDays.at(day))) return day;
  }
  return std::nullopt;
}

}  // namespace creel

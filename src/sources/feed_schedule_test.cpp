#include "sources/feed_schedule.h"

#include <gtest/gtest.h>

namespace creel {
namespace {

using namespace std::chrono_literals;

/// Tue, 05 Nov 2024 10:00:00 UTC
const SystemTime kDate = std::chrono::system_clock::from_time_t(1730800800);

TEST(FeedSchedule, WaitsForThePeriodAndOverWhatIsSkipped) {
  EXPECT_EQ(wait_of({}, kDate), std::nullopt);
  EXPECT_EQ(wait_of({.period = 90min}, kDate), 90min);
  EXPECT_EQ(wait_of({.skipped_hours = 0b110000000000}, kDate + 30min), 90min) << "from 10 to 12";
  EXPECT_EQ(wait_of({.period = 30min, .skipped_hours = 0b010000000000}, kDate + 10min), 50min);
  EXPECT_EQ(wait_of({.skipped_days = 0b0000100}, kDate), 14h) << "a Tuesday";
  EXPECT_EQ(wait_of({.skipped_days = 0b1111111}, kDate), 168h) << "every day: no longer than a week";
}

}  // namespace
}  // namespace creel

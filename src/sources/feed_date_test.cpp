#include "sources/feed_date.h"

#include <gtest/gtest.h>

#include "sources/feed_schedule.h"

namespace creel {
namespace {

using namespace std::chrono_literals;

/// Tue, 05 Nov 2024 10:00:00 UTC
const SystemTime kDate = std::chrono::system_clock::from_time_t(1730800800);

TEST(FeedDate, ReadsWhatFeedsWrite) {
  for (const auto* text :
       {"2024-11-05T10:00:00Z", "2024-11-05T11:00:00+01:00", "2024-11-05T07:00:00-0300", "2024-11-05 10:00:00",
        "2024-11-05t10:00z", " 2024-11-05T10:00:00 +00:00 ", "Tue, 05 Nov 2024 10:00:00 GMT",
        "Tue, 5 Nov 2024 11:00:00 +0100", "05 Nov 2024 10:00:00 UT", "Tue, 05 Nov 2024 05:00:00 EST"}) {
    EXPECT_EQ(parse_feed_date(text), kDate) << text;
  }
  EXPECT_EQ(parse_feed_date("2024-11-05T10:00:00.25Z"), kDate + 250ms);
  EXPECT_EQ(parse_feed_date("2024-11-05"), kDate - 10h);
  EXPECT_EQ(parse_feed_date("2024-11"), kDate - 10h - 96h);
}

TEST(FeedDate, IsNothingElse) {
  for (const auto* text :
       {"", "yesterday", "2024-13-05", "2024-02-30", "0001-01-01T00:00:00Z", "2024-11-05T25:00:00Z",
        "2024-11-05T10:00:00+99:00", "9999-01-01", "Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 01 Jan 1900 00:00:00 GMT"}) {
    EXPECT_EQ(parse_feed_date(text), std::nullopt) << text;
  }
}

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

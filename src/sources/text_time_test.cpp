#include "sources/text_time.h"

#include <string>

#include <gtest/gtest.h>

namespace creel {
namespace {

using namespace std::chrono_literals;

/// Tue, 05 Nov 2024 10:00:00 UTC
const SystemTime kDate = std::chrono::system_clock::from_time_t(1730800800);

TEST(FeedTime, ReadsWhatFeedsWrite) {
  for (const auto* text :
       {"2024-11-05T10:00:00Z", "2024-11-05T11:00:00+01:00", "2024-11-05T07:00:00-0300", "2024-11-05 10:00:00",
        "2024-11-05t10:00z", " 2024-11-05T10:00:00 +00:00 ", "Tue, 05 Nov 2024 10:00:00 GMT",
        "Tue, 5 Nov 2024 11:00:00 +0100", "05 Nov 2024 10:00:00 UT", "Tue, 05 Nov 2024 05:00:00 EST"}) {
    EXPECT_EQ(feed_time(text), kDate) << text;
  }
  EXPECT_EQ(feed_time("2024-11-05T10:00:00.25Z"), kDate + 250ms);
  EXPECT_EQ(feed_time("2024-11-05"), kDate - 10h);
  EXPECT_EQ(feed_time("2024-11"), kDate - 10h - 96h);
}

TEST(FeedTime, IsNothingElse) {
  for (const auto* text :
       {"", "yesterday", "2024-13-05", "2024-02-30", "0001-01-01T00:00:00Z", "2024-11-05T25:00:00Z",
        "2024-11-05T10:00:00+99:00", "9999-01-01", "Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 01 Jan 1900 00:00:00 GMT"}) {
    EXPECT_EQ(feed_time(text), std::nullopt) << text;
  }
}

std::string written(std::optional<SystemTime> time) {
  if (!time) return "none";
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(time->time_since_epoch()).count());
}

TEST(IsoTime, ReadsTheFormsThatApisWrite) {
  EXPECT_EQ(written(iso_time("1970-01-02")), "86400000");
  EXPECT_EQ(written(iso_time("1970-01-01T00:00:01Z")), "1000");
  EXPECT_EQ(written(iso_time("1970-01-01T00:00:01.250Z")), "1250");
  EXPECT_EQ(written(iso_time("1970-01-01T00:00:01.2500009")), "1250");
  EXPECT_EQ(written(iso_time("1970-01-01 02:00:01 +0200")), "1000");
  EXPECT_EQ(written(iso_time("1969-12-31T16:00:01-08:00")), "1000");
  EXPECT_EQ(written(iso_time("2024-02-29T12:30")), "1709209800000");
  EXPECT_EQ(written(iso_time("1970-01-01T24:00:00Z")), "86400000");
  EXPECT_EQ(written(iso_time("1887-05-01")), "-2608848000000");
}

TEST(IsoTime, RefusesAllElse) {
  for (const auto* text :
       {"", "2024", "2024-13-01", "2023-02-29", "2024-01-01T25:00:00Z", "2024-01-01T10:00:00Q", "2024-01-01x",
        "2024-01-01T24:00:01Z", "2024-01-01T24:30", "Tue, 02 Jan 2024", "2024-01-01T10:00:00+99:00"}) {
    EXPECT_EQ(iso_time(text), std::nullopt) << text;
  }
}

TEST(IsoTime, IsNothingWhereNoTimeCanHoldIt) {
  EXPECT_EQ(written(iso_time("2261-12-31T23:59:59Z")), "9214646399000");
  for (const auto* text : {"9999-12-31", "2262-01-01", "1677-12-31", "0001-01-01T00:00:00Z"}) {
    EXPECT_EQ(iso_time(text), std::nullopt) << text;
  }
}

TEST(EpochTime, CountsSecondsFrom1970) {
  EXPECT_EQ(written(epoch_time(1.25)), "1250");
  EXPECT_EQ(written(epoch_time(-86400)), "-86400000");
}

TEST(EpochTime, IsNothingWhereNoTimeCanHoldIt) {
  EXPECT_EQ(written(epoch_time(9'214'646'399)), "9214646399000");
  for (const double seconds : {1e300, -1e300, 253'402'300'799.0, 9'214'646'400.0}) {
    EXPECT_EQ(epoch_time(seconds), std::nullopt) << seconds;
  }
}

}  // namespace
}  // namespace creel

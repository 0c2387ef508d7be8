#include "aws/amz_time.h"

#include <chrono>

#include <gtest/gtest.h>

namespace creel::aws {
namespace {

using std::chrono::hours;
using std::chrono::sys_days;
using namespace std::chrono_literals;

TEST(AmzTime, IsWrittenWithoutSeparators) {
  EXPECT_EQ(format_amz_time(SystemTime{}), "19700101T000000Z");
  EXPECT_EQ(format_amz_time(sys_days(2024y / 2 / 29) + 23h + 59min + 58s + 999ms), "20240229T235958Z");
}

TEST(IsoTime, IsReadWithZuluOffsetAndFraction) {
  const SystemTime noon = sys_days(2026y / 1 / 31) + 12h;
  EXPECT_EQ(parse_iso_time("2026-01-31T12:00:00Z"), noon);
  EXPECT_EQ(parse_iso_time("2026-01-31T12:00:00.123456Z"), noon);
  EXPECT_EQ(parse_iso_time("2026-01-31T13:30:00+01:30"), noon);
  EXPECT_EQ(parse_iso_time("2026-01-31T07:00:00-0500"), noon);
}

TEST(IsoTime, IsNothingForAnythingElse) {
  for (const auto* text :
       {"", "soon", "2026-01-31", "2026-01-31T12:00:00", "2026-02-30T12:00:00Z", "2026-13-01T12:00:00Z",
        "2026-01-31T24:00:00Z", "2026-01-31T12:00:00Zx", "1769860800", "-026-01-31T12:00:00Z"}) {
    EXPECT_EQ(parse_iso_time(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace creel::aws

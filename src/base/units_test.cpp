#include "base/units.h"

#include <limits>

#include <gtest/gtest.h>

#include "base/failure.h"

namespace creel {
namespace {

using namespace std::chrono_literals;

template <class Parse>
std::string refusal(Parse parse, std::string_view text) {
  try {
    parse(text);
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.kind(), FailureKind::bad_request) << text;
    return failure.what();
  }
  return "taken";
}

TEST(Bytes, AreReadInEveryUnitAndCase) {
  const struct {
    std::string_view text;
    std::uint64_t bytes;
  } cases[] = {
      {"0", 0},
      {"123", 123},
      {"123b", 123},
      {"1k", 1024},
      {"512K", 524'288},
      {"1KiB", 1024},
      {"1kb", 1000},
      {"1KB", 1000},
      {"1m", 1'048'576},
      {"64MiB", 67'108'864},
      {"10 MB", 10'000'000},
      {"1g", 1'073'741'824},
      {"2GiB", 2'147'483'648},
      {"3gb", 3'000'000'000},
      {" 7 k ", 7168},
      {"1.5KiB", 1536},
      {"0.5", 0},
  };
  for (const auto& [text, bytes] : cases) EXPECT_EQ(parse_bytes(text), bytes) << text;
}

TEST(Bytes, AreRefusedWithAnExampleWhenTheyMakeNoSense) {
  for (const auto* text :
       {"", "MB", "-1", "-1k", "12x", "1 2", "0x10", "nan", "inf", "1e400", "9e18", "1TiBs", "64MiB!"}) {
    EXPECT_EQ(refusal(parse_bytes, text),
              std::string("'") + text + "' is not a size: write it like 64MiB, 500KB or 1048576");
  }
}

TEST(Duration, IsReadInEveryUnitAndCase) {
  const struct {
    std::string_view text;
    std::chrono::milliseconds duration;
  } cases[] = {
      {"0", 0ms},  {"60", 60s}, {"60s", 60s},      {"500ms", 500ms}, {"5m", 5min},   {"2h", 2h},
      {"1d", 24h}, {"1D", 24h}, {"1.5 s", 1500ms}, {" 3 M ", 3min},  {"0.4ms", 0ms},
  };
  for (const auto& [text, duration] : cases) EXPECT_EQ(parse_duration(text), duration) << text;
}

TEST(Duration, IsRefusedWithAnExampleWhenItMakesNoSense) {
  for (const auto* text : {"", "s", "-5s", "5 minutes", "1h30m", "nan", "inf", "9e18"}) {
    EXPECT_EQ(refusal(parse_duration, text),
              std::string("'") + text + "' is not a duration: write it like 60s, 500ms, 5m or 2h");
  }
}

TEST(Bytes, AreWrittenInPowersOfAThousand) {
  const struct {
    std::uint64_t bytes;
    std::string_view text;
  } cases[] = {
      {0, "0 B"},
      {999, "999 B"},
      {1000, "1.0 KB"},
      {999'949, "999.9 KB"},
      {999'950, "1.0 MB"},
      {1'400'000, "1.4 MB"},
      {2'500'000'000, "2.5 GB"},
      {7'000'000'000'000, "7.0 TB"},
      {std::numeric_limits<std::uint64_t>::max(), "18.4 EB"},
  };
  for (const auto& [bytes, text] : cases) EXPECT_EQ(format_bytes(bytes), text) << bytes;
}

TEST(Duration, IsWrittenInTheTwoLargestUnits) {
  const struct {
    std::chrono::seconds duration;
    std::string_view text;
  } cases[] = {
      {0s, "0s"},         {12s, "12s"},       {59s, "59s"},   {60s, "1m 00s"},
      {190s, "3m 10s"},   {3599s, "59m 59s"}, {1h, "1h 00m"}, {2h + 5min + 59s, "2h 05m"},
      {100h, "100h 00m"},
  };
  for (const auto& [duration, text] : cases) EXPECT_EQ(format_duration(duration), text);
}

}  // namespace
}  // namespace creel

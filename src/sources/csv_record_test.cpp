#include "sources/csv_record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace creel {
namespace {

using enum CsvRecord::State;
using testing::ElementsAre;

std::vector<std::string> fields_of(std::string_view text) {
  CsvRecord record;
  record.clear();
  EXPECT_EQ(record.parse(text, CsvRecord::Behind::end_of_list), complete) << text;
  return {record.fields().begin(), record.fields().end()};
}

CsvRecord::State state_of(std::string_view text) {
  CsvRecord record;
  record.clear();
  return record.parse(text, CsvRecord::Behind::end_of_list);
}

TEST(CsvRecord, DividesAtCommas) {
  EXPECT_THAT(fields_of("a,b c,\n"), ElementsAre("a", "b c", ""));
  EXPECT_THAT(fields_of(",,"), ElementsAre("", "", ""));
  EXPECT_THAT(fields_of(""), ElementsAre(""));
}

TEST(CsvRecord, EndsAtTheLineEnd) {
  CsvRecord record;
  for (const std::string_view text : {"a,b\nrest", "a,b\r\nrest", "a,\"b\"\nrest", "a,\"b\"\r\nrest"}) {
    record.clear();
    EXPECT_EQ(record.parse(text, CsvRecord::Behind::more_bytes), complete);
    EXPECT_THAT(record.fields(), ElementsAre("a", "b"));
    EXPECT_EQ(text.substr(record.size_bytes()), "rest");
  }
}

TEST(CsvRecord, TakesCommasLineEndsAndQuotesInsideOfQuotes) {
  EXPECT_THAT(fields_of("\"a,b\",\"c\r\nd\",\"say \"\"so\"\"\",\"\""), ElementsAre("a,b", "c\r\nd", "say \"so\"", ""));
}

TEST(CsvRecord, TakesAQuoteInsideOfAnUnquotedFieldAsItStands) {
  EXPECT_THAT(fields_of("5\" screen, \"x\"\n"), ElementsAre("5\" screen", " \"x\""));
}

TEST(CsvRecord, NamesBadQuotes) {
  EXPECT_EQ(state_of("\"a\" b,c\n"), bad_quotes);
  EXPECT_EQ(state_of("\"a\"\rb\n"), bad_quotes);
  EXPECT_EQ(state_of("a,\"b\nc\n"), bad_quotes);
}

TEST(CsvRecord, ReadsTheSameHoweverTheBytesArrive) {
  const std::string text = "a,\"b \"\"x\"\", \r\n y\",,\"c\"\r\nnext";
  for (std::size_t step = 1; step <= text.size(); ++step) {
    CsvRecord record;
    record.clear();
    auto state = unfinished;
    for (std::size_t end = step; state == unfinished && end < text.size() + step; end += step) {
      state = record.parse(text.substr(0, end), CsvRecord::Behind::more_bytes);
    }
    ASSERT_EQ(state, complete) << step;
    EXPECT_THAT(record.fields(), ElementsAre("a", "b \"x\", \r\n y", "", "c"));
    EXPECT_EQ(text.substr(record.size_bytes()), "next");
  }
}

TEST(CsvRecord, KeepsNoMoreFieldsThanAnyTableHas) {
  EXPECT_EQ(fields_of(std::string(100'000, ',')).size(), CsvRecord::kMaxFields);
}

}  // namespace
}  // namespace creel

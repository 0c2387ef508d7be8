#include "api/byte_range.h"

#include <gtest/gtest.h>

namespace creel {
namespace {

ByteRange part(std::string_view header, std::uint64_t size) {
  const auto decision = decide_range(header, size);
  EXPECT_EQ(decision.answer, RangeAnswer::part) << header;
  return decision.range;
}

TEST(ByteRange, TakesOneRange) {
  EXPECT_EQ(part("bytes=0-0", 10), (ByteRange{.first = 0, .last = 0}));
  EXPECT_EQ(part("bytes=2-5", 10), (ByteRange{.first = 2, .last = 5}));
  EXPECT_EQ(part("bytes=2-", 10), (ByteRange{.first = 2, .last = 9}));
  EXPECT_EQ(part("bytes=2-100", 10), (ByteRange{.first = 2, .last = 9}));
  EXPECT_EQ(part("bytes=-3", 10), (ByteRange{.first = 7, .last = 9}));
  EXPECT_EQ(part("bytes=-300", 10), (ByteRange{.first = 0, .last = 9}));
  EXPECT_EQ(part("Bytes = 1-1", 10), (ByteRange{.first = 1, .last = 1}));
  EXPECT_EQ(part("bytes=0-99999999999999999999999", 10), (ByteRange{.first = 0, .last = 9}));
}

TEST(ByteRange, RefusesBytesThatAreNotThere) {
  for (const auto* header : {"bytes=10-", "bytes=10-20", "bytes=-0", "bytes=99999999999999999999999-"}) {
    EXPECT_EQ(decide_range(header, 10).answer, RangeAnswer::not_satisfiable) << header;
  }
  EXPECT_EQ(decide_range("bytes=0-", 0).answer, RangeAnswer::not_satisfiable);
  EXPECT_EQ(decide_range("bytes=-5", 0).answer, RangeAnswer::not_satisfiable);
}

TEST(ByteRange, AnswersTheWholeToAllElse) {
  for (const auto* header : {"", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=5-2", "bytes=0-1,3-4", "pages=1-2",
                             "bytes=1", "bytes=+1-2", "bytes=--1"}) {
    EXPECT_EQ(decide_range(header, 10).answer, RangeAnswer::whole) << header;
  }
}

TEST(EntityTags, MatchInALists) {
  EXPECT_TRUE(matches_etag("\"a\"", "\"a\""));
  EXPECT_TRUE(matches_etag("\"b\" , W/\"a\"", "\"a\""));
  EXPECT_TRUE(matches_etag("*", "\"a\""));
  EXPECT_FALSE(matches_etag("\"b\"", "\"a\""));
  EXPECT_FALSE(matches_etag("a", "\"a\""));
}

}  // namespace
}  // namespace creel

#include "store/object_metadata.h"

#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"

namespace creel {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

Fields user_metadata(const Fields& first, const Fields& rest = {}) {
  return object_metadata("image/png", first, rest).user;
}

std::size_t size_bytes(const Fields& fields) {
  return std::accumulate(fields.begin(), fields.end(), std::size_t{0},
                         [](std::size_t sum, const auto& f) { return sum + f.first.size() + f.second.size(); });
}

TEST(ObjectMetadata, KeepsPlainFieldsInOrder) {
  const auto metadata =
      object_metadata("image/png", {{"source-url", "https://example.com/a?b=c&d"}}, {{"title", "A b"}});
  EXPECT_EQ(metadata.content_type, "image/png");
  EXPECT_THAT(metadata.user, ElementsAre(Pair("source-url", "https://example.com/a?b=c&d"), Pair("title", "A b")));
}

TEST(ObjectMetadata, MakesHeaderNamesOfAnyName) {
  EXPECT_THAT(user_metadata({{" Attribution_Name ", "x"}, {"a b:c\r\nd", "y"}, {"Größe", "z"}}),
              ElementsAre(Pair("attribution_name", "x"), Pair("a-b-c--d", "y"), Pair("gr----e", "z")));
}

TEST(ObjectMetadata, EncodesWhatIsNotPrintableAscii) {
  EXPECT_THAT(
      user_metadata({{"a", "Zürich"}, {"b", "x\r\nSet-Cookie: y"}, {"c", std::string("n\0l", 3)}, {"d", "100%25"}}),
      ElementsAre(Pair("a", "Z%C3%BCrich"), Pair("b", "x%0D%0ASet-Cookie: y"), Pair("c", "n%00l"),
                  Pair("d", "100%2525")));
}

TEST(ObjectMetadata, ValuesDecodeToWhatTheyWere) {
  for (const std::string value : {"  both ends ", "two  spaces", "50% of %41", "日本\t\x7f", "\xff\xfe broken", "%"}) {
    const auto fields = user_metadata({{"v", value}});
    ASSERT_EQ(fields.size(), 1U) << value;
    EXPECT_EQ(percent_decode(fields[0].second), value);
    EXPECT_EQ(trim(fields[0].second), fields[0].second);
    EXPECT_EQ(fields[0].second.find("  "), std::string::npos);
  }
}

TEST(ObjectMetadata, LeavesOutEmptyNamesAndValues) {
  EXPECT_THAT(user_metadata({{"", "x"}, {"  ", "x"}, {"a", ""}}), IsEmpty());
}

TEST(ObjectMetadata, KeepsTheFirstOfEqualNames) {
  EXPECT_THAT(user_metadata({{"sha256", "right"}}, {{"SHA256", "wrong"}}), ElementsAre(Pair("sha256", "right")));
}

TEST(ObjectMetadata, CutsOnACharacterBoundaryToStayUnderTheLimit) {
  std::string japanese;
  for (int i = 0; i < 1000; ++i) japanese += "日";
  for (std::size_t shift = 0; shift < 9; ++shift) {
    const auto fields = user_metadata({{"t", std::string(shift + 1, 'x') + japanese}});
    ASSERT_EQ(fields.size(), 1U);
    EXPECT_LE(size_bytes(fields) + std::string_view("x-amz-meta-").size(), kMaxUserMetadataBytes);
    EXPECT_GT(size_bytes(fields), kMaxUserMetadataBytes - 30);
    EXPECT_TRUE(fields[0].second.ends_with("%E6%97%A5"));
  }
}

TEST(ObjectMetadata, FirstFieldsHaveTheirRoomBeforeTheRest) {
  const std::string url(1500, 'u');
  const auto fields = user_metadata({{"source-url", url}, {"sha256", std::string(64, 'a')}},
                                    {{"description", std::string(5000, 'd')}, {"title", "short"}});
  ASSERT_EQ(fields.size(), 3U);
  EXPECT_THAT(fields[0], Pair("source-url", url));
  EXPECT_THAT(fields[1], Pair("sha256", std::string(64, 'a')));
  EXPECT_EQ(fields[2].first, "description");
  EXPECT_LE(size_bytes(fields), kMaxUserMetadataBytes);
}

TEST(ObjectMetadata, PassesOverAFieldWithoutRoomForOneThatHasIt) {
  const auto fields = user_metadata({{"a", std::string(2020, 'x')}}, {{"a-long-name", "v"}, {"b", "v"}});
  EXPECT_THAT(fields, ElementsAre(Pair("a", std::string(2020, 'x')), Pair("b", "v")));
}

}  // namespace
}  // namespace creel

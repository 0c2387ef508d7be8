#include "sources/json_members.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace creel {
namespace {

std::vector<std::pair<std::string, std::string>> members_of(std::string_view text) {
  EXPECT_TRUE(is_json(text)) << text;
  std::vector<std::pair<std::string, std::string>> result;
  for (const auto& member : json_members(text)) result.emplace_back(member.name, member.value);
  return result;
}

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST(JsonMembers, GivesValuesAsTheyAreWritten) {
  EXPECT_THAT(
      members_of(R"({"a":"x\ty", "b" : 1.50 ,"c":-2e3,"d":true,"e":null})"),
      ElementsAre(Pair("a", R"("x\ty")"), Pair("b", "1.50"), Pair("c", "-2e3"), Pair("d", "true"), Pair("e", "null")));
}

TEST(JsonMembers, GivesNestedValuesWhole) {
  EXPECT_THAT(members_of(R"({"a":{"x":["}",{"y":"]\""}]} , "b":[[],{}]})"),
              ElementsAre(Pair("a", R"({"x":["}",{"y":"]\""}]})"), Pair("b", "[[],{}]")));
}

TEST(JsonMembers, DecodesNames) {
  EXPECT_THAT(members_of(R"({"\u0075rl":1,"a\"b:":2,"":3})"),
              ElementsAre(Pair("url", "1"), Pair("a\"b:", "2"), Pair("", "3")));
}

TEST(JsonMembers, KeepsTheLastOfEqualNames) {
  EXPECT_THAT(members_of(R"({"a":1,"b":2,"\u0061":3})"), ElementsAre(Pair("b", "2"), Pair("a", "3")));
}

TEST(JsonMembers, AnEmptyObjectHasNone) {
  EXPECT_THAT(members_of("{}"), IsEmpty());
  EXPECT_THAT(members_of("{ }"), IsEmpty());
}

TEST(JsonString, SaysWhatTheEscapesMean) {
  EXPECT_EQ(json_string(R"("plain")"), "plain");
  EXPECT_EQ(json_string(R"("a\"\\\/\n\u00fc\ud83d\ude00")"), "a\"\\/\n\u00fc\U0001F600");
}

TEST(IsJson, RefusesWhatIsNone) {
  for (const std::string_view text :
       {"", "{", "{\"a\":1,}", "{a:1}", "{} x", "{\"a\":\"\xff\"}", "{\"a\":\"\\ud800\"}", "NaN"}) {
    EXPECT_FALSE(is_json(text)) << text;
  }
  EXPECT_FALSE(is_json(std::string_view("{\"a\":\"\0\"}", 9)));
  EXPECT_FALSE(is_json(std::string(100'000, '[')));
}

}  // namespace
}  // namespace creel

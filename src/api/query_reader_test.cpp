#include "api/query_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/problem.h"

namespace creel {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StartsWith;

const std::vector<QueryParameter> kDeclared{
    {.name = "q", .max_length = 10},
    {.name = "limit", .type = ParameterType::integer, .min = 1, .max = 200},
    {.name = "nsfw", .type = ParameterType::boolean},
    {.name = "after", .type = ParameterType::time},
    {.name = "sort", .type = ParameterType::one_of, .choices = {"size", "-size"}},
    {.name = "types", .type = ParameterType::list_of, .choices = {"a", "b", "c"}},
};

QueryReader read(std::string_view query) {
  return {query, kDeclared};
}

/// The pointers of what is wrong with a query.
std::vector<std::string> refused(std::string_view query) {
  std::vector<std::string> pointers;
  try {
    read(query);
  } catch (const Problem& problem) {
    EXPECT_EQ(problem.status(), 400);
    for (const auto& error : problem.errors()) pointers.push_back(error.pointer);
  }
  return pointers;
}

/// What is said of the one parameter that is wrong.
std::string why(std::string_view query) {
  try {
    read(query);
  } catch (const Problem& problem) {
    return problem.errors().at(0).detail;
  }
  return "nothing";
}

TEST(QueryReader, ReadsValuesOfEveryType) {
  const auto query = read("q=a+b%2Bc&limit=50&nsfw=false&after=2026-11-24T20:28:15.123Z&sort=-size&types=a,c");
  EXPECT_EQ(query.text("q"), "a b+c");
  EXPECT_EQ(query.integer("limit"), 50);
  EXPECT_EQ(query.flag("nsfw"), false);
  EXPECT_EQ(to_rfc3339(query.time("after").value()), "2026-11-24T20:28:15.123Z");
  EXPECT_EQ(query.choice("sort"), "-size");
  EXPECT_THAT(query.choices("types"), ElementsAre("a", "c"));
}

TEST(QueryReader, GivesNothingForWhatIsNotThereOrEmpty) {
  const auto query = read("q=&&limit");
  EXPECT_EQ(query.text("q"), std::nullopt);
  EXPECT_EQ(query.integer("limit"), std::nullopt);
  EXPECT_EQ(query.flag("nsfw"), std::nullopt);
  EXPECT_EQ(query.time("after"), std::nullopt);
  EXPECT_THAT(query.choices("types"), IsEmpty());
}

TEST(QueryReader, NamesEveryParameterThatIsWrong) {
  EXPECT_THAT(
      refused("limit=0&nsfw=yes&after=yesterday&sort=name&types=a,d&other=1"),
      ElementsAre("/query/limit", "/query/nsfw", "/query/after", "/query/sort", "/query/types", "/query/other"));
}

TEST(QueryReader, RefusesNumbersThatAreNone) {
  for (const auto* text :
       {"limit=201", "limit=-1", "limit=1.5", "limit=0x10", "limit=5%20", "limit=99999999999999999999", "limit=%00"}) {
    EXPECT_THAT(refused(text), ElementsAre("/query/limit")) << text;
  }
}

TEST(QueryReader, RefusesAParameterThatIsGivenTwice) {
  EXPECT_THAT(refused("limit=1&limit=2"), ElementsAre("/query/limit"));
}

TEST(QueryReader, RefusesTextThatIsTooLongOrNoUtf8) {
  EXPECT_THAT(refused("q=12345678901"), ElementsAre("/query/q"));
  EXPECT_THAT(refused("q=%FF"), ElementsAre("/query/q"));
  EXPECT_THAT(refused("q=a%00b"), ElementsAre("/query/q"));
  EXPECT_THAT(refused("%FF=1"), ElementsAre("/query/\xEF\xBF\xBD"));
}

TEST(QueryReader, RefusesControlCharactersAndNamesThem) {
  EXPECT_EQ(why("q=a%00b"), "holds the control character U+0000, which has no place there");
  EXPECT_EQ(why("q=%0A"), "holds the control character U+000A, which has no place there");
  EXPECT_EQ(why("q=%7F"), "holds the control character U+007F, which has no place there");
  EXPECT_EQ(read("q=%C2%80").text("q"), "\u0080");
}

TEST(QueryReader, SaysHowATimeIsWritten) {
  EXPECT_THAT(why("after=yesterday"), StartsWith("after is no time: it is written 2026-11-24T20:28:15Z"));
}

TEST(QueryReader, CountsCharactersNotBytes) {
  EXPECT_EQ(read("q=%C3%A4%C3%A4%C3%A4%C3%A4%C3%A4%C3%A4").text("q"), "ääääää");
}

TEST(QueryReader, ThrowsForAParameterThatTheRouteDidNotDeclare) {
  const auto query = read("");
  EXPECT_THROW(query.text("nothing"), std::logic_error);
  EXPECT_THROW(query.text("limit"), std::logic_error);
}

TEST(Rfc3339, TakesTheFormsOfTimes) {
  const auto form = [](std::string_view text) {
    const auto time = parse_rfc3339(text);
    return time ? to_rfc3339(*time) : std::string("none");
  };
  EXPECT_EQ(form("2026-11-24T20:28:15Z"), "2026-11-24T20:28:15.000Z");
  EXPECT_EQ(form("2026-11-24t20:28:15.1z"), "2026-11-24T20:28:15.100Z");
  EXPECT_EQ(form("2026-11-24T20:28:15.123456789Z"), "2026-11-24T20:28:15.123Z");
  EXPECT_EQ(form("2026-11-24T20:28:15+02:30"), "2026-11-24T17:58:15.000Z");
  EXPECT_EQ(form("2026-11-24T20:28:15-02:30"), "2026-11-24T22:58:15.000Z");
  EXPECT_EQ(form("2026-11-24"), "2026-11-24T00:00:00.000Z");
  EXPECT_EQ(form("1970-01-01T00:00:00Z"), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(form("2024-02-29T23:59:60Z"), "2024-02-29T23:59:59.000Z");
}

TEST(Rfc3339, RefusesWhatIsNoTime) {
  for (const auto* text :
       {"", "now", "2026-11-24T20:28", "2026-11-24T20:28:15", "2026-13-01", "2025-02-29", "2026-11-24T24:00:00Z",
        "2026-11-24T20:28:15.Z", "2026-11-24T20:28:15Zx", "2026-11-24T20:28:15+24:00", "1969-12-31", "9999-01-01",
        "1732480095", "2026-1-1", "20a6-01-01"}) {
    EXPECT_EQ(parse_rfc3339(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace creel

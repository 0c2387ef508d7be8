#include "sources/image_list.h"

#include <sstream>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sources/gzip_for_test.h"

namespace creel {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using enum ListFormat;

const std::string kTwoMegabytes(2'000'000, 'x');

/// The rest of a list, one text an item: "position url" or "position! message".
std::vector<std::string> rest_of(ImageList& list) {
  std::vector<std::string> result;
  while (const auto item = list.next()) {
    if (const auto* image = std::get_if<ListedImage>(&*item)) {
      result.push_back(image->position + " " + image->url);
    } else {
      const auto& bad = std::get<BadLine>(*item);
      EXPECT_EQ(bad.kind, FailureKind::bad_request);
      result.push_back(bad.position + "! " + bad.message);
    }
  }
  return result;
}

ImageList list_of(const std::string& text, ListFormat format) {
  return {std::make_unique<std::istringstream>(text), "l", format};
}

std::vector<std::string> items_of(const std::string& text, ListFormat format) {
  auto list = list_of(text, format);
  return rest_of(list);
}

ListedImage first_of(const std::string& text, ListFormat format) {
  auto list = list_of(text, format);
  const auto item = list.next();
  if (item && std::holds_alternative<ListedImage>(*item)) return std::get<ListedImage>(*item);
  ADD_FAILURE() << "no image: " << (item ? std::get<BadLine>(*item).message : "end of list");
  return {};
}

TEST(ListFormat, HasNames) {
  EXPECT_EQ(list_format("urls"), urls);
  EXPECT_EQ(list_format("txt"), urls);
  EXPECT_EQ(list_format("csv"), csv);
  EXPECT_EQ(list_format("jsonl"), jsonl);
  EXPECT_EQ(list_format("xml"), std::nullopt);
}

TEST(ListFormat, FollowsTheEnding) {
  EXPECT_EQ(list_format_of("a/list.csv"), csv);
  EXPECT_EQ(list_format_of("LIST.CSV.GZ"), csv);
  EXPECT_EQ(list_format_of("list.jsonl"), jsonl);
  EXPECT_EQ(list_format_of("list.ndjson.gz"), jsonl);
  EXPECT_EQ(list_format_of("list.gz"), urls);
  EXPECT_EQ(list_format_of("csv"), urls);
  EXPECT_EQ(list_format_of("https://example.com/list.csv?token=a.b"), csv);
  EXPECT_EQ(list_format_of("what?.csv"), csv);
}

// --- URLs
// ----------------------------------------------------------------------------------------------------------

TEST(UrlList, SkipsBlankLinesAndComments) {
  EXPECT_THAT(items_of("http://a/1\n\n  # no\n\t\n  http://a/2 \t\nhttp://a/3#not", urls),
              ElementsAre("l:1 http://a/1", "l:5 http://a/2", "l:6 http://a/3#not"));
}

TEST(UrlList, AnEmptyListHasNothing) {
  EXPECT_THAT(items_of("", urls), IsEmpty());
  EXPECT_THAT(items_of("\n\r\n", urls), IsEmpty());
  EXPECT_THAT(items_of("\xEF\xBB\xBF", urls), IsEmpty());
}

TEST(UrlList, SkipsTheByteOrderMarkAndCarriageReturns) {
  EXPECT_THAT(items_of("\xEF\xBB\xBFhttp://a/1\r\nhttp://a/2\r\n", urls),
              ElementsAre("l:1 http://a/1", "l:2 http://a/2"));
}

TEST(UrlList, PassesOnWhatIsNoUrlForTheCallerToJudge) {
  EXPECT_THAT(items_of(std::string("a\0b\n\xff\xfe\n", 7), urls),
              ElementsAre(std::string("l:1 a\0b", 7), "l:2 \xff\xfe"));
}

TEST(UrlList, ReportsALineThatIsTooLongAndGoesOn) {
  const auto longest = std::string(64 * 1024, 'y');
  const auto items = items_of(
      "http://a/1\n" + kTwoMegabytes + "\n" + longest + "\n" + longest + "z\nhttp://a/2\n" + kTwoMegabytes, urls);
  ASSERT_EQ(items.size(), 6U);
  EXPECT_EQ(items[1], "l:2! the line is longer than 64 KiB");
  EXPECT_EQ(items[2], "l:3 " + longest);
  EXPECT_EQ(items[3], "l:4! the line is longer than 64 KiB");
  EXPECT_EQ(items[4], "l:5 http://a/2");
  EXPECT_EQ(items[5], "l:6! the line is longer than 64 KiB");
}

TEST(UrlList, ReadsGzip) {
  std::string text;
  std::vector<std::string> expected;
  for (int i = 1; i <= 50'000; ++i) {
    text += fmt::format("http://a/{}\n", i);
    expected.push_back(fmt::format("l:{} http://a/{}", i, i));
  }
  EXPECT_EQ(items_of(testing::gzip(text.substr(0, 100'003)) + testing::gzip(text.substr(100'003)), urls), expected);
}

TEST(UrlList, GivesTheLinesBeforeTruncatedGzipAndThenFails) {
  std::string text;
  for (int i = 1; i <= 50'000; ++i) text += fmt::format("http://a/{}\n", i * 7919 % 100'003);
  const auto packed = testing::gzip(text);
  auto list = list_of(packed.substr(0, packed.size() / 2), urls);
  int count = 0;
  try {
    while (list.next()) ++count;
    ADD_FAILURE() << "the list seemed to be whole";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.kind(), FailureKind::truncated);
  }
  EXPECT_GT(count, 10'000);
  EXPECT_THROW(list.next(), Failure);
}

// --- CSV
// -----------------------------------------------------------------------------------------------------------

TEST(CsvList, TakesColumnsByTheirNames) {
  const auto image = first_of("title,folder,url,nsfw,file_name,\nSunset,sea,http://a/1,,s.png,lost\n", csv);
  EXPECT_EQ(image.url, "http://a/1");
  EXPECT_EQ(image.folder, "sea");
  EXPECT_EQ(image.file_name, "s.png");
  EXPECT_THAT(image.meta, ElementsAre(Pair("title", "Sunset")));
  EXPECT_THAT(image.headers, IsEmpty());
  EXPECT_EQ(image.position, "l:2");
}

TEST(CsvList, TakesHeadingsInAnyCaseAndWithBlanks) {
  EXPECT_EQ(first_of("\xEF\xBB\xBF"
                     "URL , File_Name\r\n http://a/1 , x \r\n",
                     csv)
                .url,
            "http://a/1");
}

TEST(CsvList, CountsPhysicalLines) {
  EXPECT_THAT(items_of("url,title\n\nhttp://a/1,\"two\nlines\"\n\nhttp://a/2,x\n,\nhttp://a/3", csv),
              ElementsAre("l:3 http://a/1", "l:6 http://a/2", "l:7! 'url' is missing", "l:8 http://a/3"));
}

TEST(CsvList, RefusesTooManyFieldsAndMindsNotTooFew) {
  EXPECT_THAT(
      items_of("title,url,x\na,http://a/1,b,c\na,http://a/2\nonly\n", csv),
      ElementsAre("l:2! the record has 4 fields, but there are 3 columns", "l:3 http://a/2", "l:4! 'url' is missing"));
}

TEST(CsvList, NeedsAColumnForTheUrl) {
  for (const auto* text : {"", "\n\n", "http://a/1\nhttp://a/2\n", "\"url\n", "link,title\nhttp://a/1,x\n"}) {
    try {
      list_of(text, csv);
      ADD_FAILURE() << text;
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.kind(), FailureKind::bad_request);
      EXPECT_THAT(failure.what(), HasSubstr("'url'"));
    }
  }
}

TEST(CsvList, AQuoteThatIsNeverClosedSpoilsOneLine) {
  const std::string message = "a quoted field is not closed, or text follows its closing quote";
  EXPECT_THAT(items_of("url,title\nhttp://a/1,\"open\nhttp://a/2,x\nhttp://a/3,y\n", csv),
              ElementsAre("l:2! " + message, "l:3 http://a/2", "l:4 http://a/3"));
  EXPECT_THAT(items_of("url,title\nhttp://a/1,\"open\nhttp://a/2,x\nhttp://a/3,\"y, z\"\n", csv),
              ElementsAre("l:2! " + message, "l:3 http://a/2", "l:4 http://a/3"));
}

TEST(CsvList, AQuoteThatIsNotClosedWithinTheLimitIsReportedWhereItBegan) {
  std::string text = "url,title\nhttp://a/1,\"open\n";
  for (int i = 3; text.size() < 3'000'000; ++i) text += fmt::format("http://a/{},plain\n", i);
  const auto items = items_of(text, csv);
  EXPECT_EQ(items[0], "l:2! the line is longer than 64 KiB");
  EXPECT_EQ(items[1], "l:3 http://a/3");
  EXPECT_EQ(items.size(), static_cast<std::size_t>(std::ranges::count(text, '\n')) - 1);
}

TEST(CsvList, ReportsALineThatIsTooLongAndGoesOn) {
  EXPECT_THAT(
      items_of("url,title\nhttp://a/1," + kTwoMegabytes + "\nhttp://a/2,\"" + kTwoMegabytes + "\"\nhttp://a/3,x", csv),
      ElementsAre("l:2! the line is longer than 64 KiB", "l:3! the line is longer than 64 KiB", "l:4 http://a/3"));
}

// --- JSON lines
// ----------------------------------------------------------------------------------------------------

TEST(JsonlList, TakesAllItsKeys) {
  const auto image = first_of(
      R"({"url":" http://a/1 ","file_name":"s\u00fc.png","folder":"sea","headers":{"A":"b","C":""},"other":[1],"title":"Dusk","nsfw":true})",
      jsonl);
  EXPECT_EQ(image.url, "http://a/1");
  EXPECT_EQ(image.file_name, "s\u00fc.png");
  EXPECT_EQ(image.folder, "sea");
  EXPECT_THAT(image.headers, ElementsAre(Pair("A", "b"), Pair("C", "")));
  EXPECT_THAT(image.meta, ElementsAre(Pair("title", "Dusk"), Pair("nsfw", "true")));
  EXPECT_EQ(image.position, "l:1");
}

TEST(JsonlList, KeepsTheTextOfMetadataThatIsNoString) {
  const auto image = first_of(
      R"({"url":"u","meta":{"s":"\"x\"","n":12345678901234567890123,"d":1.50,"t":true,"f":false,"no":null,"o":{"a": [1.0]},"l":[ ]}})",
      jsonl);
  EXPECT_THAT(image.meta,
              ElementsAre(Pair("s", "\"x\""), Pair("n", "12345678901234567890123"), Pair("d", "1.50"),
                          Pair("t", "true"), Pair("f", "false"), Pair("o", R"({"a": [1.0]})"), Pair("l", "[ ]")));
}

TEST(JsonlList, OfEqualKeysTheLastWins) {
  const auto image = first_of(R"({"url":1,"url":"u","meta":{"a":"x"},"meta":{"b":"1","c":"2","b":"3"}})", jsonl);
  EXPECT_EQ(image.url, "u");
  EXPECT_THAT(image.meta, ElementsAre(Pair("c", "2"), Pair("b", "3")));
}

TEST(JsonlList, NullIsLikeLeftOut) {
  const auto image = first_of(R"({"url":"u","file_name":null,"folder":null,"headers":null,"meta":null})", jsonl);
  EXPECT_EQ(image.file_name + image.folder, "");
  EXPECT_THAT(image.headers, IsEmpty());
}

TEST(JsonlList, NamesTheKeyThatIsWrong) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {R"({})", "'url' is missing"},
      {R"({"url":null})", "'url' is missing"},
      {R"({"url":" "})", "'url' is missing"},
      {R"({"url":["u"]})", "'url' must be a string"},
      {R"({"url":"u","file_name":1})", "'file_name' must be a string"},
      {R"({"url":"u","folder":{}})", "'folder' must be a string"},
      {R"({"url":"u","headers":["A: b"]})", "'headers' must be an object of strings"},
      {R"({"url":"u","headers":{"A":1}})", "'headers' must be an object of strings, and 'A' is none"},
      {R"({"url":"u","meta":"x"})", "'meta' must be an object"},
      {R"(["u"])", "this is no JSON object"},
      {R"({"url":"u"} {})", "this is not JSON in UTF-8"},
      {"{\"url\":\"\xff\"}", "this is not JSON in UTF-8"},
      {std::string("{\"url\":\"\0\"}", 11), "this is not JSON in UTF-8"},
      {R"({"url":"u)", "this is not JSON in UTF-8"},
  };
  for (const auto& [line, message] : cases) {
    EXPECT_THAT(items_of(line + "\n{\"url\":\"next\"}", jsonl), ElementsAre("l:1! " + message, "l:2 next")) << line;
  }
}

TEST(JsonlList, SkipsBlankLinesAndReportsLongOnes) {
  EXPECT_THAT(items_of("\xEF\xBB\xBF{\"url\":\"1\"}\r\n\r\n  \n\"" + kTwoMegabytes + "\"\n {\"url\":\"5\"} ", jsonl),
              ElementsAre("l:1 1", "l:4! the line is longer than 64 KiB", "l:5 5"));
}

TEST(JsonlList, SurvivesHostileLinesOfTheLargestSize) {
  std::string members = R"({"url":"u","meta":{)";
  while (members.size() < 60'000) members += R"("a":1,)";
  members += R"("b":2}})";
  EXPECT_THAT(first_of(members, jsonl).meta, ElementsAre(Pair("a", "1"), Pair("b", "2")));
  EXPECT_THAT(items_of(std::string(60'000, '['), jsonl), ElementsAre("l:1! this is not JSON in UTF-8"));
}

}  // namespace
}  // namespace creel

#include "sources/json_record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sources/text_time.h"

namespace creel {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

/// The one thing that a result means.
JsonResult only(std::string_view line, std::size_t number = 1) {
  auto before = number - 1;
  auto results = read_json_results(line, before);
  EXPECT_EQ(results.size(), 1U) << line;
  return results.at(0);
}

ImageRecord image(std::string_view line) {
  return std::get<JsonImage>(only(line)).record;
}

std::string complaint(std::string_view line, std::size_t number = 3) {
  const auto result = only(line, number);
  const auto* bad = std::get_if<BadJsonRecord>(&result);
  return bad == nullptr ? "none" : bad->message;
}

JsonNext next(std::string_view line) {
  return std::get<JsonNext>(only(line));
}

TEST(JsonRecord, ReadsEveryField) {
  const auto record = image(R"({"image_id":"7","image_url":"https://a.example/1.png","title":"T","description":"D",
      "attribution_id":"u1","attribution_name":"U","attribution_url":"https://a.example/u","page_url":"https://a.example/p",
      "type":"image/png","width":640,"height":480,"nsfw":false,"published_at":"2024-01-31T12:00:00Z","folder":"f",
      "file_name":"n.png","fetch_headers":{"Referer":"https://a.example/"},"meta":{"license":"CC0"},"tags":["a","b"]})");
  EXPECT_EQ(record.image_id, "7");
  EXPECT_EQ(record.image_url, "https://a.example/1.png");
  EXPECT_EQ(record.title, "T");
  EXPECT_EQ(record.description, "D");
  EXPECT_EQ(record.attribution_id, "u1");
  EXPECT_EQ(record.attribution_name, "U");
  EXPECT_EQ(record.attribution_url, "https://a.example/u");
  EXPECT_EQ(record.page_url, "https://a.example/p");
  EXPECT_EQ(record.type, "image/png");
  EXPECT_EQ(record.width, 640U);
  EXPECT_EQ(record.height, 480U);
  EXPECT_EQ(record.nsfw, false);
  EXPECT_EQ(record.published_at, iso_time("2024-01-31T12:00:00Z"));
  EXPECT_EQ(record.folder, "f");
  EXPECT_EQ(record.file_name, "n.png");
  EXPECT_THAT(record.fetch_headers, ElementsAre(Pair("Referer", "https://a.example/")));
  EXPECT_THAT(record.meta, ElementsAre(Pair("license", "CC0"), Pair("tags", R"(["a","b"])")));
}

TEST(JsonRecord, TakesNullAndEmptyTextForLeftOut) {
  const auto record =
      image(R"({"image_id":null,"image_url":"https://a.example/","title":null,"description":"","width":null,
      "height":0,"nsfw":null,"published_at":null,"fetch_headers":null,"meta":null,"extra":null,"follow":null})");
  EXPECT_EQ(record.image_id, "");
  EXPECT_EQ(record.title, std::nullopt);
  EXPECT_EQ(record.description, std::nullopt);
  EXPECT_EQ(record.width, std::nullopt);
  EXPECT_EQ(record.height, std::nullopt);
  EXPECT_EQ(record.nsfw, std::nullopt);
  EXPECT_EQ(record.published_at, std::nullopt);
  EXPECT_THAT(record.meta, IsEmpty());
}

TEST(JsonRecord, TakesNumbersForTextsAndTextsForLengths) {
  const auto record = image(
      R"({"image_url":"u","image_id":1234567890123,"title":1.0,"width":"1024","height":600.0,"nsfw":1,"published_at":86400})");
  EXPECT_EQ(record.image_id, "1234567890123");
  EXPECT_EQ(record.title, "1");
  EXPECT_EQ(record.width, 1024U);
  EXPECT_EQ(record.height, 600U);
  EXPECT_EQ(record.nsfw, true);
  EXPECT_EQ(record.published_at, SystemTime(std::chrono::hours(24)));
}

TEST(JsonRecord, NamesTheRecordAndTheFieldThatCannotBeUsed) {
  EXPECT_EQ(complaint(R"({"image_url":"u","width":"wide"})"),
            "record 3: width is \"wide\", but must be a whole number from 0");
  EXPECT_EQ(complaint(R"({"image_url":"u","height":-1})"), "record 3: height is -1, but must be a whole number from 0");
  EXPECT_EQ(complaint(R"({"image_url":"u","width":1e300})"),
            "record 3: width is 1E300, but must be a whole number from 0");
  EXPECT_EQ(complaint(R"({"image_url":"u","width":"99999999999"})"),
            "record 3: width is \"99999999999\", but must be a whole number from 0");
  EXPECT_EQ(complaint(R"({"image_url":"u","published_at":1e300})"),
            "record 3: published_at must be a time like \"2024-01-31T12:00:00Z\", or seconds since 1970");
  EXPECT_EQ(complaint(R"({"image_url":"u","published_at":"9999-12-31"})"),
            "record 3: published_at must be a time like \"2024-01-31T12:00:00Z\", or seconds since 1970");
  EXPECT_EQ(complaint(R"({"image_url":["u"]})"), "record 3: image_url is a list, but must be a text");
  EXPECT_EQ(complaint(R"({"image_url":"u","nsfw":"maybe"})"), "record 3: nsfw is a text, but must be true or false");
  EXPECT_EQ(complaint(R"({"image_url":"u","published_at":"yesterday"})"),
            "record 3: published_at must be a time like \"2024-01-31T12:00:00Z\", or seconds since 1970");
  EXPECT_EQ(complaint(R"({"image_url":"u","meta":[]})"), "record 3: meta is a list, but must be an object");
  EXPECT_EQ(complaint(R"({"image_url":"u","fetch_headers":{"A":{}}})"),
            "record 3: fetch_headers.A is an object, but must be a text");
  EXPECT_THAT(complaint(R"({"image_url":"u","fetch_headers":{"Host":"b"}})"), ::testing::HasSubstr("fetch_headers: "));
  EXPECT_EQ(complaint(R"("u")", 12), "record 12: it is a text, but must be an object");
  EXPECT_EQ(complaint(R"({"title":"no image"})"), "record 3: image_url is missing");
  EXPECT_EQ(complaint(R"({"follow":{"uri":"x"}})"), "record 3: follow has uri, but only url and headers are known");
  EXPECT_EQ(complaint(R"({"follow":{}})"), "record 3: follow has no url");
  EXPECT_EQ(complaint(std::string(100, '[') + std::string(100, ']')), "record 3: it is nested too deeply");
}

TEST(JsonRecord, ReadsWhereTheNextPageIs) {
  EXPECT_EQ(next(R"({"next_url":"/page/2"})").url, "/page/2");
  EXPECT_EQ(next(R"({"next_cursor":17})").cursor, "17");
  EXPECT_THAT(next(R"({"next_query":{"a":"x","b":2,"c":null}})").query, ElementsAre(Pair("a", "x"), Pair("b", "2")));
  EXPECT_TRUE(next(R"({"next_url":null})").is_last());
  EXPECT_TRUE(next(R"({"next_query":null})").is_last());
  EXPECT_EQ(complaint(R"({"next_url":"u","next_cursor":"c"})"),
            "record 3: only one of next_url, next_cursor and next_query says where the next page is");
  EXPECT_EQ(complaint(R"({"next_url":{}})"), "record 3: next_url is an object, but must be a text");
}

TEST(JsonRecord, ReadsAnImageThatTellsOfTheNextPageToo) {
  std::size_t number = 0;
  const auto results = read_json_results(R"({"image_id":"7","image_url":"/7.png","next_cursor":"c"})", number);
  ASSERT_EQ(results.size(), 2U);
  EXPECT_EQ(number, 1U) << "one object";
  EXPECT_EQ(std::get<JsonNext>(results[0]).cursor, "c");
  EXPECT_EQ(std::get<JsonImage>(results[1]).record.image_id, "7");
  EXPECT_THAT(std::get<JsonImage>(results[1]).record.meta, IsEmpty());
}

TEST(JsonRecord, TakesAListForItsMembers) {
  std::size_t number = 4;
  const auto results = read_json_results(R"([{"image_url":"/1.png"},7,{"next_url":"/page/2"}])", number);
  ASSERT_EQ(results.size(), 3U);
  EXPECT_EQ(number, 7U);
  EXPECT_EQ(std::get<JsonImage>(results[0]).record.image_url, "/1.png");
  EXPECT_EQ(std::get<BadJsonRecord>(results[1]).message, "record 6: it is a number, but must be an object");
  EXPECT_EQ(std::get<JsonNext>(results[2]).url, "/page/2");
  EXPECT_THAT(read_json_results("[]", number), IsEmpty());
}

TEST(JsonRecord, ReadsASecondRequest) {
  const auto text = std::get<JsonImage>(only(R"({"image_id":"1","follow":"/item/1"})"));
  EXPECT_EQ(text.follow->url, "/item/1");
  EXPECT_EQ(text.json, R"({"image_id":"1"})");
  const auto object = std::get<JsonImage>(only(R"({"follow":{"url":"u","headers":{"A":"b"}}})"));
  EXPECT_EQ(object.follow->url, "u");
  EXPECT_THAT(object.follow->headers, ElementsAre(Pair("A", "b")));
}

TEST(JsonRecord, ResolvesRelativeUrls) {
  ImageRecord record;
  record.image_url = "../i/1.png";
  record.page_url = "//b.example/p";
  resolve_urls(record, "https://a.example/api/list?page=1");
  EXPECT_EQ(record.image_url, "https://a.example/i/1.png");
  EXPECT_EQ(record.page_url, "https://b.example/p");
}

}  // namespace
}  // namespace creel

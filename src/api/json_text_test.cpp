#include "api/json_text.h"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <gtest/gtest.h>

#include "api/image_for_test.h"
#include "api/image_json.h"
#include "base/text.h"

namespace creel {
namespace {

namespace json = boost::json;

std::string in_quotes(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

std::string time_text(SystemTime time) {
  std::string out;
  append_time(out, time);
  return out;
}

TEST(JsonText, EscapesWhatMayNotStandInAString) {
  EXPECT_EQ(in_quotes(""), R"("")");
  EXPECT_EQ(in_quotes("plain text of more than eight bytes"), R"("plain text of more than eight bytes")");
  EXPECT_EQ(in_quotes("a\"b\\c\nd\re\tf\x01g\x1fh"), R"("a\"b\\c\nd\re\tf\u0001g\u001fh")");
  EXPECT_EQ(in_quotes(std::string_view("\0", 1)), R"("\u0000")");
  EXPECT_EQ(in_quotes("\x7f/"), "\"\x7f/\"");
}

TEST(JsonText, IsTheSameToAReaderWhateverByteStandsWhere) {
  for (int byte = 0; byte < 0x80; ++byte) {
    for (std::size_t place = 0; place < 20; ++place) {
      std::string text(20, 'x');
      text[place] = static_cast<char>(byte);
      EXPECT_EQ(std::string(json::parse(in_quotes(text)).get_string()), text) << byte << " at " << place;
    }
  }
}

TEST(JsonText, KeepsUtf8AndReplacesWhatIsNone) {
  EXPECT_EQ(in_quotes("Zoë 灯塔 \xF0\x9F\x97\xBC"), "\"Zoë 灯塔 \xF0\x9F\x97\xBC\"");
  EXPECT_EQ(in_quotes("a\xFF\"b"), "\"a\xEF\xBF\xBD\\\"b\"");
  EXPECT_EQ(in_quotes("cut \xE7\x81"), "\"cut \xEF\xBF\xBD\xEF\xBF\xBD\"");
  EXPECT_EQ(in_quotes("\xED\xA0\x80"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
}

TEST(JsonText, WritesTimesAsRfc3339) {
  EXPECT_EQ(time_text(testing::kTestTime), "2026-11-24T20:14:15.123Z");
  EXPECT_EQ(time_text(SystemTime{}), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(time_text(SystemTime{} - std::chrono::milliseconds(1)), "1969-12-31T23:59:59.999Z");
}

TEST(JsonText, WritesMembersOfEveryType) {
  std::string out;
  JsonObjectText(out)
      .add("a", "text")
      .add("b", std::int64_t{-5})
      .add("c", UINT64_MAX)
      .add("d", true)
      .add("e", 1.5)
      .add("f", std::optional<int>())
      .add("g", std::optional<std::string>("x"))
      .add_raw("h", "[1]")
      .close();
  EXPECT_EQ(out, R"({"a":"text","b":-5,"c":18446744073709551615,"d":true,"e":1.5,"f":null,"g":"x","h":[1]})");
}

TEST(ImageJson, HasAllThatIsKnown) {
  EXPECT_EQ(image_json(testing::whole_image()),
            R"({"id":7,"source_id":3,"source":"Lighthouses","image_id":"abc",)"
            R"("image_url":"https://a.example/abc.png","final_url":"https://b.example/abc.png",)"
            R"("page_url":"https://a.example/page","title":"A \"tall\" one","description":"Line\nline",)"
            R"("attribution_id":"u1","attribution_name":"Zoë","attribution_url":"https://a.example/zoe","nsfw":false,)"
            R"("state":"stored","failure_kind":null,"failure_message":null,"attempts":1,"next_attempt_at":null,)"
            R"("key":"Lighthouses/abc.png","store_url":"/data/images/Lighthouses/abc.png","size_bytes":48213,)"
            R"("type":"image/png","width":800,"height":600,"sha256":"00ff","etag":"e1","origin_etag":"\"o\"",)"
            R"("origin_last_modified":"Tue, 24 Nov 2026 20:00:00 GMT","folder_name":"Lighthouses","file_name":"abc",)"
            R"("meta":{"camera":"X"},"published_at":"2026-11-24T20:14:15.123Z","found_at":"2026-11-24T20:14:15.123Z",)"
            R"("stored_at":"2026-11-24T20:14:15.123Z","updated_at":"2026-11-24T20:14:15.123Z"})");
}

TEST(ImageJson, HasNullForWhatIsNot) {
  const auto value = json::parse(image_json(testing::bare_image()));
  EXPECT_TRUE(value.at("title").is_null());
  EXPECT_TRUE(value.at("key").is_null());
  EXPECT_EQ(value.at("failure_kind").get_string(), "not_found");
  EXPECT_EQ(value.at("failure_message").get_string(), "status 404");
  EXPECT_EQ(value.at("meta"), json::object());
}

TEST(ImageJson, HasNullForValidatorsThatWereNotSent) {
  auto image = testing::whole_image();
  image.etag = image.origin_etag = image.origin_last_modified = "";
  const auto value = json::parse(image_json(image));
  for (const auto* name : {"etag", "origin_etag", "origin_last_modified"})
    EXPECT_TRUE(value.at(name).is_null()) << name;
}

TEST(ImageJson, IsJsonWhateverStrangersWrote) {
  auto image = testing::whole_image();
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  image.title = all;
  image.image_id = all;
  image.meta = "{\"a\":\"\xFF\"}";
  image.failure = FailureFacts{.kind = FailureKind::dns, .message = all};
  const auto text = image_json(image);
  EXPECT_EQ(text.find('\n'), std::string::npos);
  EXPECT_EQ(std::string(json::parse(text).at("title").get_string()), to_utf8(all));
}

TEST(ImageState, IsKnownByName) {
  for (const auto& name : image_state_names()) EXPECT_EQ(to_string(image_state(name).value()), name);
  EXPECT_FALSE(image_state("gone"));
}

}  // namespace
}  // namespace creel

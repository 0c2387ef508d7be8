#include "emulator/function_url.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

namespace creel::emulator {
namespace {

namespace json = boost::json;

json::value event_of(UrlRequest request) {
  return json::parse(url_event(request));
}

TEST(UrlEvent, TellsOfTheRequest) {
  const auto event = event_of({.method = "GET",
                               .path = "/a%20b",
                               .query = "x=1&x=2&y",
                               .headers = {{"Accept", "a"}, {"accept", "b"}, {"Cookie", "c=1; d=2"}},
                               .domain = "f.lambda-url.localhost",
                               .request_id = "id",
                               .time = SystemTime(std::chrono::seconds(1'700'000'000))});
  EXPECT_EQ(event.at("rawPath"), "/a b");
  EXPECT_EQ(event.at("headers").at("accept"), "a,b");
  EXPECT_EQ(json::serialize(event.at("cookies")), R"(["c=1","d=2"])");
  EXPECT_EQ(event.at("queryStringParameters").at("x"), "1,2");
  EXPECT_EQ(event.at("queryStringParameters").at("y"), "");
  const auto& context = event.at("requestContext");
  EXPECT_EQ(context.at("domainPrefix"), "f");
  EXPECT_EQ(context.at("time"), "14/Nov/2023:22:13:20 +0000");
  EXPECT_EQ(context.at("timeEpoch").to_number<std::int64_t>(), 1'700'000'000'000);
  EXPECT_FALSE(event.as_object().contains("body"));
}

TEST(UrlEvent, IsTextWhateverTheRequestHolds) {
  const auto event = event_of({.method = "POST",
                               .path = "/%ff",
                               .query = "x=%fe",
                               .headers = {{"Content-Type", "text/plain"}, {"X", "\xfd"}},
                               .body = "\xff\xfe"});
  EXPECT_EQ(event.at("body"), "//4=");
  EXPECT_EQ(event.at("isBase64Encoded"), true);
  EXPECT_EQ(event.at("rawPath"), "/\xef\xbf\xbd");
  EXPECT_EQ(event.at("queryStringParameters").at("x"), "\xef\xbf\xbd");
  EXPECT_EQ(event.at("headers").at("x"), "\xef\xbf\xbd");
}

TEST(UrlReply, IsTheObjectsOwn) {
  const auto reply = url_reply(R"({"statusCode": "404", "headers": {"X-N": 5}, "cookies": ["a=1"], "body": "gone"})");
  EXPECT_EQ(reply.status, 404);
  EXPECT_EQ(reply.headers.find("X-N"), "5");
  EXPECT_EQ(reply.headers.find("Set-Cookie"), "a=1");
  EXPECT_EQ(reply.headers.find("Content-Type"), "application/json");
  EXPECT_EQ(reply.body, "gone");
}

TEST(UrlReply, IsAnyOtherJsonAsItIs) {
  EXPECT_EQ(url_reply(R"({"a":1})").body, R"({"a":1})");
  EXPECT_EQ(url_reply("null").body, "null");
  EXPECT_EQ(url_reply(R"("text")").body, "text");
}

TEST(UrlReply, IsABadGatewayForWhatMakesNoSense) {
  for (const auto* payload : {"", "{", R"({"statusCode": "ok"})", R"({"statusCode": 9999})",
                              R"({"statusCode": 200, "body": "?", "isBase64Encoded": true})"}) {
    EXPECT_EQ(url_reply(payload).status, 502) << payload;
  }
}

TEST(UrlPrelude, EndsWithEightZeroBytes) {
  const std::string text = R"({"statusCode": 201})";
  EXPECT_EQ(parse_url_prelude(text + std::string(7, '\0')).bytes, 0U);
  const auto prelude = parse_url_prelude(text + std::string(8, '\0') + "body");
  EXPECT_EQ(prelude.bytes, text.size() + 8);
  EXPECT_TRUE(prelude.is_valid);
  EXPECT_EQ(prelude.reply.status, 201);
  EXPECT_FALSE(parse_url_prelude("nonsense" + std::string(8, '\0')).is_valid);
}

TEST(UrlTarget, IsNamedByHostOrPath) {
  EXPECT_EQ(url_target("f.lambda-url.localhost:9000", "/x").function, "f");
  EXPECT_EQ(url_target("f.lambda-url.localhost:9000", "/x").path, "/x");
  EXPECT_EQ(url_target("localhost", "/lambda-url/f").path, "/");
  EXPECT_EQ(url_target("localhost", "/lambda-url/f%3Aprod/a/b").function, "f:prod");
  EXPECT_EQ(url_target("localhost", "/lambda-url/f/a/b").path, "/a/b");
  EXPECT_EQ(url_target("localhost", "/2015-03-31/functions/").function, "");
}

}  // namespace
}  // namespace creel::emulator

#include "functions/fetch_store_image.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "functions/store_request_json.h"
#include "functions/storer_fixture.h"
#include "support/started.h"

namespace creel {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using ::testing::HasSubstr;
using testing::ScriptedServer;
using testing::WireReply;
using testing::WireRequest;

/// The function over the fixture's storer, for whatever place.
class FetchStoreImageTest : public StorerFixture, protected Storers {
 protected:
  std::shared_ptr<ImageStorer> storer(const boost::asio::any_io_executor&, const std::string& bucket,
                                      const std::string& key_prefix) override {
    if (bucket == "broken") throw Failure(FailureKind::store_denied, "no such region");
    places.emplace_back(bucket, key_prefix);
    return {&storer_, [](ImageStorer*) {}};
  }

  json::value call(json::value event, std::chrono::milliseconds time = 20s) {
    return testing::run(loop_, function(std::move(event), clock_.now() + time));
  }

  static json::object event(const std::string& url) { return {{"image-url", url}, {"bucket-name", "b"}}; }

  static json::value type_of(const json::value& body) { return body.at("error").at("type"); }

  std::vector<std::pair<std::string, std::string>> places;
  FetchStoreImage function{*this, clock_};
};

TEST_F(FetchStoreImageTest, StoresOneImageAndSaysWhere) {
  ScriptedServer server([](const WireRequest&) { return WireReply::response(200, png_of(500)); });
  auto wanted = event(server.url("/cat.png"));
  wanted["key-prefix"] = "2026";
  wanted["folder-name"] = "cats";
  wanted["file-name"] = "Tom.png";
  const auto answer = call(wanted);
  EXPECT_EQ(answer.at("statusCode"), 200);
  EXPECT_EQ(answer.at("headers"), json::object());
  const auto& body = answer.at("body");
  EXPECT_EQ(body.at("ok"), true);
  EXPECT_EQ(body.at("result").at("key"), "2026/cats/Tom.png");
  EXPECT_EQ(body.at("result").at("size"), 500);
  EXPECT_EQ(body.at("result").at("width"), 800);
  EXPECT_EQ(places, (std::vector<std::pair<std::string, std::string>>{{"b", "2026"}}));
  EXPECT_TRUE(store_.objects().contains("cats/Tom.png"));
}

TEST_F(FetchStoreImageTest, AnswersAFailureWithItsStatus) {
  ScriptedServer server([](const WireRequest&) { return WireReply::response(429, "", {{"Retry-After", "9"}}); });
  const auto answer = call(event(server.url("/cat.png")));
  EXPECT_EQ(answer.at("statusCode"), 429);
  const auto& error = answer.at("body").at("error");
  EXPECT_EQ(error.at("type"), "rate_limited");
  EXPECT_EQ(error.at("retryable"), true);
  EXPECT_EQ(error.at("retry-after"), 9);
}

TEST_F(FetchStoreImageTest, AnswersAWrongEventWithTheNameOfTheKey) {
  for (const auto& wrong : {json::value(json::object{{"image-url", "https://a.example/"}}), json::value("text"),
                            json::value(nullptr), json::value(json::object{{"requests", 7}})}) {
    const auto answer = call(wrong);
    EXPECT_EQ(answer.at("statusCode"), 400);
    EXPECT_EQ(type_of(answer.at("body")), "bad_request");
  }
  EXPECT_THAT(
      std::string(
          call(json::object{{"image-url", "https://a.example/"}}).at("body").at("error").at("message").as_string()),
      HasSubstr("'bucket-name' is missing"));
}

TEST_F(FetchStoreImageTest, AnswersAConfigurationThatCannotWork) {
  const auto answer = call(json::object{{"image-url", "https://a.example/"}, {"bucket-name", "broken"}});
  EXPECT_EQ(answer.at("statusCode"), 403);
  EXPECT_EQ(type_of(answer.at("body")), "store_denied");
}

TEST_F(FetchStoreImageTest, AnswersABatchInItsOrder) {
  ScriptedServer server([](const WireRequest& request) {
    return request.target == "/2" ? WireReply::response(404) : WireReply::response(200, png_of(100));
  });
  json::array requests;
  for (int i = 0; i < 20; ++i) requests.push_back(event(server.url(fmt::format("/{}", i))));
  requests[5] = json::object{{"image-url", "https://a.example/"}};
  const auto answer = call(json::object{{"requests", requests}, {"concurrency", 3}});
  EXPECT_EQ(answer.at("statusCode"), 200);
  EXPECT_EQ(answer.at("body").at("ok"), false);
  const auto& results = answer.at("body").at("results").as_array();
  ASSERT_EQ(results.size(), 20U);
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (i == 2) {
      EXPECT_EQ(type_of(results[i]), "not_found");
    } else if (i == 5) {
      EXPECT_THAT(std::string(results[i].at("error").at("message").as_string()),
                  HasSubstr("requests[5]: 'bucket-name'"));
    } else {
      EXPECT_THAT(std::string(results[i].at("result").at("final-url").as_string()),
                  ::testing::EndsWith(fmt::format("/{}", i)));
    }
  }
  EXPECT_LE(server.peak_connections(), 3);
}

TEST_F(FetchStoreImageTest, AnswersAnEmptyBatch) {
  const auto answer = call(json::object{{"requests", json::array()}});
  EXPECT_EQ(answer.at("body").at("ok"), true);
  EXPECT_TRUE(answer.at("body").at("results").as_array().empty());
}

TEST_F(FetchStoreImageTest, AnswersAsTimeOutWhatTheDeadlineCutsOff) {
  ScriptedServer server([](const WireRequest& request) {
    if (request.target.starts_with("/slow")) return WireReply{.bytes = "", .then = WireReply::Then::stall};
    return WireReply::response(200, png_of(100));
  });
  json::array requests{event(server.url("/quick")), event(server.url("/slow/1")), event(server.url("/slow/2"))};
  const auto before = std::chrono::steady_clock::now();
  const auto answer = call(json::object{{"requests", requests}, {"concurrency", 2}}, 3s);
  EXPECT_LT(std::chrono::steady_clock::now() - before, 3s);
  const auto& results = answer.at("body").at("results").as_array();
  EXPECT_EQ(results.at(0).at("ok"), true);
  for (const std::size_t i : {1U, 2U}) {
    EXPECT_EQ(type_of(results.at(i)), "timeout");
    EXPECT_EQ(results.at(i).at("error").at("retryable"), true);
  }
}

TEST_F(FetchStoreImageTest, SaysWhichImagesHadNoTurn) {
  ScriptedServer server([](const WireRequest&) { return WireReply{.bytes = "", .then = WireReply::Then::stall}; });
  json::array requests{event(server.url("/1")), event(server.url("/2"))};
  const auto answer = call(json::object{{"requests", requests}, {"concurrency", 1}}, 200ms);
  const auto& results = answer.at("body").at("results").as_array();
  EXPECT_THAT(json::serialize(results.at(0)), HasSubstr("before the image was stored"));
  EXPECT_THAT(json::serialize(results.at(1)), HasSubstr("before it was this image's turn"));
}

TEST_F(FetchStoreImageTest, DoesNotWaitForWhatCannotBeStopped) {
  ScriptedServer server([](const WireRequest&) { return WireReply::response(200, png_of(20 * kMebibyte)); });
  store_.hold_aborts();
  store_.fail_call(2, Failure(FailureKind::store_error, "no more"));
  const auto answer = call(event(server.url("/large.png")), 600ms);
  EXPECT_EQ(type_of(answer.at("body")), "timeout");
  // It goes on where nobody waits for it, and comes to its end.
  run_until(loop_, [this] { return budget_.used_bytes() == 0; });
}

TEST_F(FetchStoreImageTest, IsAnsweredAlsoWhenItsCallerIsCancelled) {
  ScriptedServer server([](const WireRequest&) { return WireReply{.bytes = "", .then = WireReply::Then::stall}; });
  testing::Started started(loop_, function(event(server.url("/1")), clock_.now() + 20s));
  run_until(loop_, [&] { return server.connections() > 0; });
  started.cancel();
  run_until(loop_, [&] { return started.done(); });
  ASSERT_TRUE(started.succeeded());
  EXPECT_EQ(type_of(started.value().at("body")), "timeout");
}

TEST_F(FetchStoreImageTest, UnderstandsWhatTheBackendWrites) {
  ScriptedServer server([](const WireRequest&) { return WireReply::response(200, png_of(100)); });
  const StoreEvent wanted{.bucket = "b", .key_prefix = "p", .request = request(server.url("/x.png"))};
  EXPECT_EQ(call(to_json(wanted)).at("body").at("ok"), true);
}

}  // namespace
}  // namespace creel

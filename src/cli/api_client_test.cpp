#include "cli/api_client.h"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/failure.h"
#include "cli/api_pages.h"
#include "support/scripted_server.h"

namespace creel {
namespace {

namespace json = boost::json;
using ::testing::HasSubstr;
using testing::ScriptedServer;
using testing::WireReply;
using testing::WireRequest;

class ApiClientTest : public ::testing::Test {
 protected:
  ApiClient client(const ScriptedServer& server) {
    return {{.base = Url::parse(server.url("/")), .token = Secret("a.b.c")}, environment_, clock_};
  }

  aws::Environment environment_;
  SystemClock clock_;
};

TEST_F(ApiClientTest, SendsTheTokenAndJson) {
  ScriptedServer server([](const WireRequest&) { return WireReply::response(200, R"({"id": 1})"); });
  auto api = client(server);
  EXPECT_EQ(api.send(HttpMethod::patch, "/sources/1", json::object{{"name", "cats"}}), json::parse(R"({"id": 1})"));
  const auto request = server.requests().front();
  EXPECT_EQ(request.method, "PATCH");
  EXPECT_EQ(request.header("Authorization"), "Bearer a.b.c");
  EXPECT_EQ(request.header("Content-Type"), "application/json");
  EXPECT_EQ(request.body, R"({"name":"cats"})");
}

TEST_F(ApiClientTest, GivesNullForAnAnswerWithoutABody) {
  ScriptedServer server([](const WireRequest&) { return WireReply::response(204); });
  auto api = client(server);
  EXPECT_EQ(api.send(HttpMethod::delete_, "/sources/1"), json::value(nullptr));
}

TEST_F(ApiClientTest, ShowsAProblemWithTheFieldsThatAreWrong) {
  ScriptedServer server([](const WireRequest&) {
    return WireReply::response(
        400,
        R"({"type": "urn:x", "title": "Invalid", "status": 400, "detail": "2 fields: see 'errors'",
      "errors": [{"pointer": "/settings/tag", "detail": "it is missing"}, {"pointer": "/query/limit", "detail": "too many"}]})");
  });
  auto api = client(server);
  try {
    api.get("/sources");
    FAIL() << "nothing was thrown";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.kind(), FailureKind::bad_request);
    EXPECT_STREQ(failure.what(), "2 fields:\n  settings.tag: it is missing\n  limit: too many");
  }
}

TEST_F(ApiClientTest, SaysWhatToDoAboutATokenThatIsRefused) {
  ScriptedServer server([](const WireRequest&) { return WireReply::response(401, R"({"detail": "expired"})"); });
  auto api = client(server);
  try {
    api.get("/sources");
    FAIL() << "nothing was thrown";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.kind(), FailureKind::bad_auth);
    EXPECT_THAT(failure.what(), HasSubstr("creel token"));
  }
}

TEST_F(ApiClientTest, ShowsASingleFieldThatIsWrongByItself) {
  EXPECT_EQ(
      problem_message(400, R"({"detail": "/type: is none", "errors": [{"pointer": "/type", "detail": "is none"}]})"),
      "type: is none");
}

TEST_F(ApiClientTest, ShowsWhatIsNoProblemDocumentAsItIs) {
  EXPECT_EQ(problem_message(502, "<h1>Bad Gateway\x1b[2J</h1>"), "the server answered 502: <h1>Bad Gateway [2J</h1>");
  EXPECT_EQ(problem_message(500, "{}"), "the server answered 500");
}

TEST_F(ApiClientTest, GoesThroughAllPagesOfAList) {
  ScriptedServer server([](const WireRequest& request) {
    const bool is_first = request.target.find("cursor") == std::string::npos;
    return WireReply::response(200, is_first ? R"({"items": [{"id": 1, "name": "a b"}], "next_cursor": "x/+"})"
                                             : R"({"items": [{"id": 2, "name": "7up"}], "next_cursor": null})");
  });
  auto api = client(server);
  EXPECT_EQ(all_pages(api, "/sources?q=1").size(), 2U);
  EXPECT_EQ(server.requests()[1].target, "/sources?q=1&limit=200&cursor=x%2F%2B");
  EXPECT_EQ(find_source(api, "7up"), 2);
  EXPECT_EQ(find_source(api, "12"), 12);
  EXPECT_THROW(find_source(api, "nothing"), Failure);
}

TEST_F(ApiClientTest, DownloadsPieceByPieceAndLearnsOfRedirects) {
  ScriptedServer server([](const WireRequest& request) {
    if (request.target == "/images/1/content")
      return WireReply::response(302, "", {{"Location", "https://s3.example/x"}});
    return WireReply::response(200, "one\ntwo\n");
  });
  auto api = client(server);
  std::string text;
  api.download("/images/export", [&text](std::string_view piece) { text += piece; });
  EXPECT_EQ(text, "one\ntwo\n");
  EXPECT_EQ(api.redirect_of("/images/1/content"), "https://s3.example/x");
  EXPECT_EQ(api.redirect_of("/images/2/content"), std::nullopt);
}

TEST(FindApi, TakesUrlAndTokenFromTheEnvironment) {
  const SystemClock clock;
  const aws::Environment environment{.variable = [](std::string_view name) -> std::optional<std::string> {
    if (name == "CREEL_URL") return "http://10.0.0.1:8080";
    if (name == "CREEL_TOKEN") return "a.b.c";
    return std::nullopt;
  }};
  const auto target = find_api({}, environment, clock);
  EXPECT_EQ(target.base.str(), "http://10.0.0.1:8080/");
  EXPECT_EQ(target.token.reveal(), "a.b.c");
  EXPECT_EQ(find_api({.url = "http://10.0.0.2"}, environment, clock).base.str(), "http://10.0.0.2/");
}

TEST(FindApi, SaysHowToNameABackendWhenNoneRuns) {
  const SystemClock clock;
  try {
    find_api({.data = "/nowhere/at/all"}, {}, clock);
    FAIL() << "nothing was thrown";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.kind(), FailureKind::bad_request);
    EXPECT_THAT(failure.what(), HasSubstr("no backend runs in /nowhere/at/all"));
  }
}

}  // namespace
}  // namespace creel

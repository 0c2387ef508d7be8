#include "cli/lambda_route.h"

#include <map>

#include <gtest/gtest.h>

#include "support/run_task.h"
#include "support/scripted_server.h"

namespace creel {
namespace {

using testing::ScriptedServer;
using testing::WireReply;
using testing::WireRequest;

std::pair<std::string, std::string> parsed(std::string_view text) {
  LambdaRouteOptions options;
  parse_via(text, options);
  return {options.function, options.qualifier};
}

using Pair = std::pair<std::string, std::string>;

TEST(ParseVia, TakesNamesAndArnsWithAndWithoutQualifier) {
  const std::string arn = "arn:aws:lambda:eu-west-1:123456789012:function:fetch";
  EXPECT_EQ(parsed("lambda:fetch"), Pair("fetch", ""));
  EXPECT_EQ(parsed("lambda:fetch:live"), Pair("fetch", "live"));
  EXPECT_EQ(parsed("lambda:fetch:$LATEST"), Pair("fetch", "$LATEST"));
  EXPECT_EQ(parsed("lambda:" + arn), Pair(arn, ""));
  EXPECT_EQ(parsed("lambda:" + arn + ":7"), Pair(arn, "7"));
  EXPECT_EQ(parsed("lambda:123456789012:function:fetch"), Pair("123456789012:function:fetch", ""));
  EXPECT_EQ(parsed("lambda:123456789012:function:fetch:live"), Pair("123456789012:function:fetch", "live"));
}

TEST(ParseVia, RefusesWhatIsNoWay) {
  for (const auto* text : {"", "fetch", "lambda", "lambda:", "lambda:a:b:c", "lambda::a", "lambda:a:", "http://a/",
                           "lambda:arn:aws:lambda:eu-west-1"}) {
    EXPECT_THROW(parsed(text), Failure) << text;
  }
}

/// A route to a service that a script plays.
class LambdaRouteTest : public ::testing::Test {
 protected:
  Task<std::unique_ptr<Executor>> open(std::string qualifier = "") {
    environment_.variable = [](std::string_view name) -> std::optional<std::string> {
      if (name == "AWS_ACCESS_KEY_ID" || name == "AWS_SECRET_ACCESS_KEY") return "x";
      return std::nullopt;
    };
    options_.function = "fetch";
    options_.qualifier = std::move(qualifier);
    options_.endpoint_url = server_.url("");
    route_ =
        std::make_unique<LambdaRoute>(loop_.get_executor(), options_, environment_, resolver_, clock_, silent_log());
    return route_->open({.bucket = "b"}, std::chrono::seconds(60));
  }

  SystemClock clock_;
  boost::asio::io_context loop_;
  Resolver resolver_{clock_, system_lookup, {.threads = 1}};
  aws::Environment environment_;
  WireReply reply_ = WireReply::response(200, R"({"FunctionName": "fetch", "Timeout": 30, "State": "Active"})");
  ScriptedServer server_{[this](const WireRequest&) { return reply_; }};
  LambdaRouteOptions options_;
  std::unique_ptr<LambdaRoute> route_;
};

TEST_F(LambdaRouteTest, AsksForTheTimeOfTheFunction) {
  EXPECT_NE(testing::run(loop_, open("live")), nullptr);
  const auto request = server_.requests().at(0);
  EXPECT_EQ(request.target, "/2015-03-31/functions/fetch/configuration?Qualifier=live");
}

TEST_F(LambdaRouteTest, DoesNotAskIfItIsTold) {
  options_.function_timeout = std::chrono::seconds(5);
  EXPECT_NE(testing::run(loop_, open()), nullptr);
  EXPECT_TRUE(server_.requests().empty());
}

TEST_F(LambdaRouteTest, SaysWhenThereIsNoSuchFunction) {
  reply_ = WireReply::response(404, R"({"Type": "User", "Message": "Function not found"})",
                               {{"x-amzn-ErrorType", "ResourceNotFoundException"}});
  try {
    testing::run(loop_, open());
    ADD_FAILURE() << "no failure";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.kind(), FailureKind::bad_request);
    EXPECT_NE(std::string(failure.what()).find("no function fetch"), std::string::npos);
  }
}

TEST_F(LambdaRouteTest, GoesOnIfItMayNotLook) {
  reply_ =
      WireReply::response(403, R"({"message": "not authorized"})", {{"x-amzn-ErrorType", "AccessDeniedException"}});
  EXPECT_NE(testing::run(loop_, open()), nullptr);
}

}  // namespace
}  // namespace creel

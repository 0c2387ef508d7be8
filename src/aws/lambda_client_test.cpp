#include "aws/lambda_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aws/test_support.h"
#include "base/base64.h"
#include "support/run_task.h"
#include "support/scripted_server.h"
#include "support/started.h"

namespace creel::aws {
namespace {

using creel::testing::run;
using creel::testing::ScriptedServer;
using creel::testing::Started;
using creel::testing::WireReply;
using creel::testing::WireRequest;
using ::testing::HasSubstr;

struct LambdaClientTest : ::testing::Test, testing::Surroundings {
  ScriptedServer server{[this](const WireRequest&) { return reply; }};
  WireReply reply = WireReply::response(200, "null");
  testing::FixedCredentials credentials;
  RetryQuota quota;
  LambdaOptions options{.endpoint_url = server.url(""), .region = "eu-west-1"};
  HttpClient calls{loop.get_executor(), http_client_options(options, {}), resolver};
  LambdaClient client{ServiceContext{calls, credentials, quota, clock, [] { return 0.0; }}, options};

  LambdaAnswer invoke(LambdaInvocation invocation) { return run(loop, client.invoke(std::move(invocation))); }

  std::optional<Failure> failure_of(LambdaInvocation invocation) {
    try {
      invoke(std::move(invocation));
    } catch (const Failure& failure) {
      return failure;
    }
    return std::nullopt;
  }

  void refuse(int status, std::string code, std::string body = R"({"message":"no"})") {
    reply = WireReply::response(status, std::move(body), {{"x-amzn-ErrorType", std::move(code)}});
  }
};

TEST_F(LambdaClientTest, SendsTheCallAndGivesBackTheAnswer) {
  reply = WireReply::response(200, R"({"ok":true})",
                              {{"X-Amz-Executed-Version", "3"},
                               {"x-amzn-RequestId", "r1"},
                               {"X-Amz-Log-Result", base64_encode("START\nEND\n")}});
  const auto answer = invoke({.function = "cats",
                              .qualifier = "live",
                              .log_tail = LogTail::wanted,
                              .client_context = R"({"a":1})",
                              .payload = R"({"b":2})"});
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.payload, R"({"ok":true})");
  EXPECT_EQ(answer.function_error, "");
  EXPECT_EQ(answer.executed_version, "3");
  EXPECT_EQ(answer.request_id, "r1");
  EXPECT_EQ(answer.log_tail, "START\nEND\n");

  const auto sent = server.requests().at(0);
  EXPECT_EQ(sent.method, "POST");
  EXPECT_EQ(sent.target, "/2015-03-31/functions/cats/invocations?Qualifier=live");
  EXPECT_EQ(sent.body, R"({"b":2})");
  EXPECT_EQ(sent.header("X-Amz-Invocation-Type"), "RequestResponse");
  EXPECT_EQ(sent.header("X-Amz-Log-Type"), "Tail");
  EXPECT_EQ(sent.header("X-Amz-Client-Context"), base64_encode(R"({"a":1})"));
  EXPECT_THAT(sent.header("Authorization"), HasSubstr("/eu-west-1/lambda/aws4_request"));
}

TEST_F(LambdaClientTest, QueuesEventsAndTriesRights) {
  reply = WireReply::response(202);
  EXPECT_EQ(invoke({.function = "f", .type = InvocationType::event}).status, 202);
  EXPECT_EQ(server.requests().at(0).header("X-Amz-Invocation-Type"), "Event");
  reply = WireReply::response(204);
  EXPECT_EQ(invoke({.function = "f", .type = InvocationType::dry_run}).status, 204);
  EXPECT_EQ(server.requests().at(1).header("X-Amz-Invocation-Type"), "DryRun");
}

TEST_F(LambdaClientTest, GivesBackTheErrorOfAFunctionAsAnAnswer) {
  reply = WireReply::response(200, R"({"errorType":"E"})", {{"X-Amz-Function-Error", "Unhandled"}});
  const auto answer = invoke({.function = "f"});
  EXPECT_EQ(answer.function_error, "Unhandled");
  EXPECT_EQ(answer.payload, R"({"errorType":"E"})");
}

struct Refusal {
  int status;
  const char* code;
  FailureKind kind;
  const char* advice;
};

TEST_F(LambdaClientTest, SaysWhatARefusalMeansAndWhatToDo) {
  const std::vector<Refusal> refusals{
      {404, "ResourceNotFoundException", FailureKind::not_found, "check the function's name"},
      {403, "AccessDeniedException", FailureKind::bad_auth, "the right lambda:InvokeFunction"},
      {403, "UnrecognizedClientException", FailureKind::bad_auth, "check the access key"},
      {429, "TooManyRequestsException", FailureKind::function_throttled, "fewer calls at a time"},
      {400, "InvalidRequestContentException", FailureKind::bad_request, "no"},
      {413, "RequestTooLargeException", FailureKind::bad_request, "at most 6 MiB"},
      {409, "ResourceConflictException", FailureKind::function_error, "an update of it is under way"},
      {502, "InvalidRuntimeException", FailureKind::function_error, "check the function's zip"},
      {500, "ServiceException", FailureKind::function_error, "try again"},
      {503, "", FailureKind::function_error, "try again"},
  };
  for (const auto& [status, code, kind, advice] : refusals) {
    refuse(status, code);
    const auto failure = failure_of({.function = "f", .qualifier = "live"});
    ASSERT_TRUE(failure) << code;
    EXPECT_EQ(failure->kind(), kind) << code;
    EXPECT_THAT(failure->what(), HasSubstr("call of function f:live at http://127.0.0.1:"));
    EXPECT_THAT(failure->what(), HasSubstr(advice));
  }
}

TEST_F(LambdaClientTest, SaysWhichLimitThrottled) {
  refuse(429, "TooManyRequestsException",
         R"({"Reason":"ReservedFunctionConcurrentInvocationLimitExceeded","message":"Rate Exceeded."})");
  const auto failure = failure_of({.function = "f"});
  EXPECT_THAT(failure->what(), HasSubstr("reason ReservedFunctionConcurrentInvocationLimitExceeded"));
  EXPECT_THAT(failure->what(), HasSubstr("the function's reserved concurrency"));
}

TEST_F(LambdaClientTest, PassesOnHowLongAThrottledCallerIsToWait) {
  reply = WireReply::response(429, "{}", {{"Retry-After", "3"}});
  EXPECT_EQ(failure_of({.function = "f"})->retry_after(), std::chrono::seconds(3));
}

TEST_F(LambdaClientTest, CallsOnce) {
  refuse(500, "ServiceException");
  failure_of({.function = "f"});
  EXPECT_EQ(server.requests().size(), 1U);
}

TEST_F(LambdaClientTest, EndsACallAtItsDeadline) {
  reply = WireReply{.bytes = "", .then = WireReply::Then::stall};
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(50);
  EXPECT_EQ(failure_of({.function = "f", .deadline = deadline})->kind(), FailureKind::function_timeout);
}

TEST_F(LambdaClientTest, RefusesAClientContextThatCannotBeSent) {
  EXPECT_EQ(failure_of({.function = "f", .client_context = std::string(2'700, 'x')})->kind(), FailureKind::bad_request);
  EXPECT_TRUE(server.requests().empty());
}

TEST_F(LambdaClientTest, LetsManyCallsWaitAtATime) {
  constexpr std::size_t kCalls = 300;
  std::vector<Started<LambdaAnswer>> started;
  for (std::size_t i = 0; i < kCalls; ++i) started.emplace_back(loop, client.invoke({.function = "f"}));
  loop.restart();
  while (!std::ranges::all_of(started, &Started<LambdaAnswer>::done)) loop.run_one();
  for (auto& call : started) EXPECT_EQ(call.value().status, 200);
  EXPECT_EQ(server.requests().size(), kCalls);
}

}  // namespace
}  // namespace creel::aws

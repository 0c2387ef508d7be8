#include "lambda/runtime_api.h"

#include <atomic>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "support/run_task.h"
#include "support/scripted_server.h"

namespace creel::lambda {
namespace {

using creel::testing::ScriptedServer;
using creel::testing::WireReply;
using creel::testing::WireRequest;
using std::chrono::milliseconds;

class RuntimeApiTest : public ::testing::Test {
 protected:
  RuntimeApi make_api(const ScriptedServer& server) {
    settings_.api = parse_api_address("127.0.0.1:" + std::to_string(server.port()));
    settings_.backoff = {.base = milliseconds(0), .cap = milliseconds(0)};
    return {loop_.get_executor(), settings_};
  }

  template <class T>
  T run(Task<T> task) {
    return creel::testing::run(loop_, std::move(task));
  }
  void run(Task<void> task) { creel::testing::run(loop_, std::move(task)); }

  boost::asio::io_context loop_;
  Settings settings_;
  Invocation invocation_{.request_id = "request-1", .invocation_id = "attempt-1"};
};

// Answers with the replies one after the other, and with the last for ever.
ScriptedServer::Script in_turn(std::vector<WireReply> replies) {
  return [replies = std::move(replies), count = std::size_t{0}](const WireRequest&) mutable {
    return replies[std::min(count++, replies.size() - 1)];
  };
}

WireReply cut() {
  return {.bytes = "", .then = WireReply::Then::close};
}

TEST_F(RuntimeApiTest, ReadsAnEventWithAllThatIsSaidAboutIt) {
  ScriptedServer server(in_turn({WireReply::response(
      200, R"({"a":1})",
      {{"Lambda-Runtime-Aws-Request-Id", "request-1"},
       {"Lambda-Runtime-Invocation-Id", "attempt-1"},
       {"Lambda-Runtime-Deadline-Ms", "1767268800123"},
       {"Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:123456789012:function:f:alias1"},
       {"Lambda-Runtime-Trace-Id", "Root=1-5e1b;Sampled=1"},
       {"Lambda-Runtime-Client-Context", R"({"custom":{"a":"b"}})"},
       {"Lambda-Runtime-Cognito-Identity", R"({"cognitoIdentityId":"id","cognitoIdentityPoolId":"pool"})"},
       {"Lambda-Runtime-Aws-Tenant-Id", "tenant-1"}})}));
  auto api = make_api(server);
  const auto event = run(api.next());
  EXPECT_EQ(event.body, R"({"a":1})");
  EXPECT_EQ(event.invocation.request_id, "request-1");
  EXPECT_EQ(event.invocation.invocation_id, "attempt-1");
  EXPECT_EQ(event.invocation.deadline.time_since_epoch(), milliseconds(1'767'268'800'123));
  EXPECT_EQ(event.invocation.function_arn, "arn:aws:lambda:us-east-1:123456789012:function:f:alias1");
  EXPECT_EQ(event.invocation.trace_id, "Root=1-5e1b;Sampled=1");
  EXPECT_EQ(event.invocation.client_context.at("custom").at("a").as_string(), "b");
  ASSERT_TRUE(event.invocation.cognito_identity);
  EXPECT_EQ(event.invocation.cognito_identity->identity_id, "id");
  EXPECT_EQ(event.invocation.cognito_identity->identity_pool_id, "pool");
  EXPECT_EQ(event.invocation.tenant_id, "tenant-1");
  EXPECT_EQ(server.requests().front().target, "/2018-06-01/runtime/invocation/next");
}

TEST_F(RuntimeApiTest, TakesWhatIsNotSaidAsEmpty) {
  ScriptedServer server(in_turn({WireReply::response(200, "1", {{"Lambda-Runtime-Aws-Request-Id", "r"}})}));
  auto api = make_api(server);
  const auto event = run(api.next());
  EXPECT_EQ(event.invocation.deadline, std::chrono::system_clock::time_point::max());
  EXPECT_TRUE(event.invocation.client_context.is_null());
  EXPECT_FALSE(event.invocation.cognito_identity);
  EXPECT_EQ(event.invocation.invocation_id, "");
}

TEST_F(RuntimeApiTest, TakesADeadlineBeyondTheClockForNone) {
  for (const auto* deadline : {"9223372036854775807", "99999999999999999", "-1", "soon"}) {
    ScriptedServer server(in_turn({WireReply::response(200, "1", {{"Lambda-Runtime-Deadline-Ms", deadline}})}));
    auto api = make_api(server);
    EXPECT_EQ(run(api.next()).invocation.deadline, std::chrono::system_clock::time_point::max()) << deadline;
  }
}

TEST_F(RuntimeApiTest, AsksAgainForAnEventWhenTheConnectionBreaks) {
  ScriptedServer server(
      in_turn({cut(), WireReply::response(503), WireReply::response(204), WireReply::response(200, "1")}));
  auto api = make_api(server);
  EXPECT_EQ(run(api.next()).body, "1");
  EXPECT_EQ(server.requests().size(), 4u);
}

TEST_F(RuntimeApiTest, GivesUpWhenNoEventCanBeHad) {
  ScriptedServer server(in_turn({WireReply::response(403)}));
  settings_.next_tries = 3;
  auto api = make_api(server);
  EXPECT_THROW(run(api.next()), CannotGoOn);
  EXPECT_EQ(server.requests().size(), 3u);
}

TEST_F(RuntimeApiTest, EndsAtOnceWhenTheServiceSaysSo) {
  ScriptedServer server(in_turn({WireReply::response(500)}));
  auto api = make_api(server);
  EXPECT_THROW(run(api.next()), CannotGoOn);
  EXPECT_THROW(run(api.respond(invocation_, "1")), CannotGoOn);
  EXPECT_EQ(server.requests().size(), 2u);
}

TEST_F(RuntimeApiTest, SendsTheAnswerWithTheAttemptsId) {
  ScriptedServer server(in_turn({WireReply::response(202)}));
  auto api = make_api(server);
  run(api.respond(invocation_, "42"));
  const auto request = server.requests().front();
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.target, "/2018-06-01/runtime/invocation/request-1/response");
  EXPECT_EQ(request.header("Lambda-Runtime-Invocation-Id"), "attempt-1");
  EXPECT_EQ(request.body, "42");
}

TEST_F(RuntimeApiTest, SendsNoAttemptsIdWhereTheServiceGaveNone) {
  ScriptedServer server(in_turn({WireReply::response(202)}));
  auto api = make_api(server);
  invocation_.invocation_id = "";
  run(api.respond(invocation_, "42"));
  const auto request = server.requests().front();
  for (const auto& [name, value] : request.headers) EXPECT_NE(name, "Lambda-Runtime-Invocation-Id");
}

TEST_F(RuntimeApiTest, KeepsItsConnection) {
  ScriptedServer server(in_turn({WireReply::response(202)}));
  auto api = make_api(server);
  for (int i = 0; i < 3; ++i) run(api.respond(invocation_, "42"));
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(RuntimeApiTest, SendsAnAnswerAgainUntilItIsTaken) {
  ScriptedServer server(in_turn({cut(), WireReply::response(503), WireReply::response(429), WireReply::response(202)}));
  auto api = make_api(server);
  run(api.respond(invocation_, "42"));
  EXPECT_EQ(server.requests().size(), 4u);
}

TEST_F(RuntimeApiTest, GoesOnAfterAnAnswerThatCannotBeSent) {
  ScriptedServer server(in_turn({cut()}));
  settings_.post_tries = 3;
  auto api = make_api(server);
  run(api.respond(invocation_, "42"));
  EXPECT_EQ(server.requests().size(), 3u);
}

TEST_F(RuntimeApiTest, GoesOnAfterAnAnswerThatIsRefused) {
  for (const int status : {400, 403}) {
    ScriptedServer server(
        in_turn({WireReply::response(status, R"({"errorType":"InvalidRequestID","errorMessage":"x"})")}));
    auto api = make_api(server);
    run(api.respond(invocation_, "42"));
    EXPECT_EQ(server.requests().size(), 1u);
  }
}

TEST_F(RuntimeApiTest, MakesAnErrorOfAnAnswerThatIsTooLarge) {
  ScriptedServer server(in_turn({WireReply::response(202)}));
  auto api = make_api(server);
  run(api.respond(invocation_, std::string(kMaxAnswerBytes + 1, 'x')));
  const auto requests = server.requests();
  ASSERT_EQ(requests.size(), 1u);
  EXPECT_EQ(requests[0].target, "/2018-06-01/runtime/invocation/request-1/error");
  EXPECT_EQ(requests[0].header("Lambda-Runtime-Function-Error-Type"), "Function.ResponseSizeTooLarge");
}

TEST_F(RuntimeApiTest, MakesAnErrorOfAnAnswerThatTheServiceFindsTooLarge) {
  ScriptedServer server(in_turn({WireReply::response(413), WireReply::response(202)}));
  auto api = make_api(server);
  run(api.respond(invocation_, std::string(kMaxAnswerBytes, 'x')));
  const auto requests = server.requests();
  ASSERT_EQ(requests.size(), 2u);
  EXPECT_EQ(requests[0].body.size(), kMaxAnswerBytes);
  EXPECT_EQ(requests[1].target, "/2018-06-01/runtime/invocation/request-1/error");
}

TEST_F(RuntimeApiTest, ReportsErrorsWithTheirType) {
  ScriptedServer server(in_turn({WireReply::response(202)}));
  auto api = make_api(server);
  run(api.fail(invocation_, {.type = "std::out_of_range", .message = "too far", .stack = {"f+0x1"}}));
  const auto request = server.requests().front();
  EXPECT_EQ(request.target, "/2018-06-01/runtime/invocation/request-1/error");
  EXPECT_EQ(request.header("Lambda-Runtime-Function-Error-Type"), "Function.OutOfRange");
  EXPECT_EQ(request.header("Lambda-Runtime-Invocation-Id"), "attempt-1");
  EXPECT_EQ(request.body, R"({"errorMessage":"too far","errorType":"std::out_of_range","stackTrace":["f+0x1"]})");
}

TEST_F(RuntimeApiTest, CutsAMessageThatIsTooLong) {
  ScriptedServer server(in_turn({WireReply::response(202)}));
  auto api = make_api(server);
  run(api.fail(invocation_, {.type = "T", .message = std::string(10'000'000, 'x'), .stack = {}}));
  EXPECT_LT(server.requests().front().body.size(), 100'000u);
}

TEST_F(RuntimeApiTest, RegistersAnExtensionThatWantsNoEvents) {
  ScriptedServer server(in_turn({WireReply::response(200, "{}", {{"Lambda-Extension-Identifier", "extension-1"}})}));
  auto api = make_api(server);
  EXPECT_EQ(run(api.register_extension()), "extension-1");
  const auto request = server.requests().front();
  EXPECT_EQ(request.target, "/2020-01-01/extension/register");
  EXPECT_FALSE(request.header("Lambda-Extension-Name").empty());
  EXPECT_EQ(request.body, R"({"events":[]})");
}

TEST_F(RuntimeApiTest, GoesOnWithoutAnExtensionIfItIsRefused) {
  ScriptedServer server(in_turn({WireReply::response(403)}));
  auto api = make_api(server);
  EXPECT_EQ(run(api.register_extension()), std::nullopt);
}

}  // namespace
}  // namespace creel::lambda

#include "lambda/runtime.h"

#include <atomic>
#include <cstdlib>
#include <latch>

#include <gtest/gtest.h>

#include "lambda/error_report.h"
#include "lambda/worker.h"
#include "support/scripted_server.h"

namespace creel::lambda {
namespace {

using creel::testing::ScriptedServer;
using creel::testing::WireReply;
using creel::testing::WireRequest;
using std::chrono::milliseconds;

// Hands out events, then says that the service cannot go on, which ends the runtime
// once the answers are there.
ScriptedServer::Script events(std::vector<std::string> bodies,
                              std::vector<std::pair<std::string, std::string>> headers = {}) {
  return [bodies = std::move(bodies), headers = std::move(headers), next = std::size_t{0},
          answered = std::size_t{0}](const WireRequest& request) mutable {
    if (request.method == "POST") {
      ++answered;
      return WireReply::response(202, R"({"status":"OK"})");
    }
    if (next == bodies.size()) return WireReply::response(answered >= bodies.size() ? 500 : 204);
    auto all = headers;
    all.emplace_back("Lambda-Runtime-Aws-Request-Id", "request-" + std::to_string(next + 1));
    return WireReply::response(200, bodies[next++], all);
  };
}

class RuntimeTest : public ::testing::Test {
 protected:
  int serve_from(const ScriptedServer& server, std::vector<Function> functions, const Options& options = {}) {
    settings_.api = parse_api_address("127.0.0.1:" + std::to_string(server.port()));
    settings_.backoff = {.base = milliseconds(1), .cap = milliseconds(1)};
    return serve(settings_, functions, options, [](int) { FAIL() << "a handler still runs"; });
  }

  // The posts among the requests.
  static std::vector<WireRequest> answers(const ScriptedServer& server) {
    auto requests = server.requests();
    std::erase_if(requests, [](const WireRequest& request) { return request.method != "POST"; });
    return requests;
  }

  Settings settings_;
};

json::value give_back(json::value event) {
  return event;
}
Task<json::value> give_back_later(json::value event) {
  co_return event;
}
json::value refuse(json::value) {
  throw Error("Function.Refused", "no");
}

TEST_F(RuntimeTest, AnswersOneEventAfterTheOtherOnOneConnection) {
  ScriptedServer server(events({"1", "2"}));
  EXPECT_EQ(serve_from(server, {{"f", give_back}}), 1);
  const auto requests = server.requests();
  ASSERT_EQ(requests.size(), 5u);
  EXPECT_EQ(requests[0].target, "/2018-06-01/runtime/invocation/next");
  EXPECT_EQ(requests[1].target, "/2018-06-01/runtime/invocation/request-1/response");
  EXPECT_EQ(requests[1].body, "1");
  EXPECT_EQ(requests[3].target, "/2018-06-01/runtime/invocation/request-2/response");
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(RuntimeTest, RunsCoroutinesOnTheLoop) {
  ScriptedServer server(events({"1"}));
  serve_from(server, {{"f", give_back_later}});
  EXPECT_EQ(answers(server).at(0).body, "1");
}

TEST_F(RuntimeTest, ReportsWhatAHandlerThrowsAndGoesOn) {
  ScriptedServer server(events({"1", "2"}));
  serve_from(server, {{"f", refuse}});
  const auto posts = answers(server);
  ASSERT_EQ(posts.size(), 2u);
  EXPECT_EQ(posts[0].target, "/2018-06-01/runtime/invocation/request-1/error");
  EXPECT_EQ(posts[0].header("Lambda-Runtime-Function-Error-Type"), "Function.Refused");
  EXPECT_EQ(posts[1].target, "/2018-06-01/runtime/invocation/request-2/error");
}

TEST_F(RuntimeTest, TakesTheHandlerThatIsAskedFor) {
  ScriptedServer server(events({"1"}));
  settings_.handler = "second";
  serve_from(server, {{"first", refuse}, {"second", give_back}});
  EXPECT_EQ(answers(server).at(0).body, "1");
}

TEST_F(RuntimeTest, ReportsAHandlerThatDoesNotExistWithThoseThatDo) {
  ScriptedServer server(events({}));
  settings_.handler = "third";
  EXPECT_EQ(serve_from(server, {{"first", refuse}, {"second", give_back}}), 1);
  const auto posts = answers(server);
  ASSERT_EQ(posts.size(), 1u);
  EXPECT_EQ(posts[0].target, "/2018-06-01/runtime/init/error");
  EXPECT_EQ(posts[0].header("Lambda-Runtime-Function-Error-Type"), "Runtime.NoSuchHandler");
  EXPECT_NE(posts[0].body.find("there is no handler 'third'; this program has: first, second"), std::string::npos);
}

TEST_F(RuntimeTest, ReportsAStartThatFails) {
  ScriptedServer server(events({}));
  EXPECT_EQ(serve_from(server, {{"f", give_back}},
                       {.on_start = [] { throw Error("Runtime.ConfigInvalid", "no bucket"); }, .on_shutdown = {}}),
            1);
  EXPECT_EQ(answers(server).at(0).target, "/2018-06-01/runtime/init/error");
  EXPECT_NE(answers(server).at(0).body.find("no bucket"), std::string::npos);
}

TEST_F(RuntimeTest, SetsTheTraceIdWhereOneInvocationRunsAtATime) {
  ScriptedServer server(events({"1"}, {{"Lambda-Runtime-Trace-Id", "Root=1-5e1b"}}));
  std::string trace_id;
  serve_from(server, {{"f", [&](json::value) { trace_id = std::getenv("_X_AMZN_TRACE_ID"); }}});
  EXPECT_EQ(trace_id, "Root=1-5e1b");
  ::unsetenv("_X_AMZN_TRACE_ID");
}

TEST_F(RuntimeTest, SetsNoTraceIdWhereSeveralRun) {
  ScriptedServer server(events({"1", "2"}, {{"Lambda-Runtime-Trace-Id", "Root=1-5e1b"}}));
  settings_.concurrency = 2;
  std::atomic<bool> is_set = false;
  serve_from(server, {{"f", [&](json::value) {
                         if (std::getenv("_X_AMZN_TRACE_ID")) is_set = true;
                       }}});
  EXPECT_FALSE(is_set);
}

TEST_F(RuntimeTest, RunsAsManyInvocationsAtATimeAsItMay) {
  ScriptedServer server(events({"1", "2", "3", "4"}));
  settings_.concurrency = 4;
  // Each waits for the others.
  std::latch all(4);
  serve_from(server, {{"f", [&](json::value) { all.arrive_and_wait(); }}});
  EXPECT_EQ(answers(server).size(), 4u);
  EXPECT_EQ(server.connections(), 4);
}

TEST_F(RuntimeTest, AsksForCancellationBeforeTheDeadline) {
  const auto deadline = std::chrono::system_clock::now() + milliseconds(3000);
  const auto count = std::chrono::duration_cast<milliseconds>(deadline.time_since_epoch()).count();
  ScriptedServer server(events({"1"}, {{"Lambda-Runtime-Deadline-Ms", std::to_string(count)}}));
  milliseconds left{};
  serve_from(server, {{"f", [&](json::value, Context context) {
                         std::latch stopped(1);
                         const std::stop_callback on_stop(context.cancel(), [&] { stopped.count_down(); });
                         stopped.wait();
                         left = context.remaining();
                       }}});
  EXPECT_GT(left, milliseconds(0));
  EXPECT_LE(left, milliseconds(250));
}

TEST_F(RuntimeTest, StreamsAResponseOverAConnectionOfItsOwn) {
  ScriptedServer server(events({"1"}));
  serve_from(server, {{"f", [](json::value, ResponseStream& stream) { stream.write_blocking("one"); }}});
  const auto posts = answers(server);
  ASSERT_EQ(posts.size(), 1u);
  EXPECT_EQ(posts[0].header("Lambda-Runtime-Function-Response-Mode"), "streaming");
  EXPECT_EQ(posts[0].header("Transfer-Encoding"), "chunked");
  EXPECT_EQ(posts[0].body, "3\r\none\r\n0\r\n\r\n");
  EXPECT_EQ(posts[0].connection, 2);
}

TEST_F(RuntimeTest, PutsAnErrorInMidStreamBehindTheBytes) {
  ScriptedServer server(events({"1"}));
  serve_from(server, {{"f", [](json::value, ResponseStream& stream) -> Task<void> {
                         co_await stream.write("one");
                         throw Error("Function.Refused", "no");
                       }}});
  const auto posts = answers(server);
  ASSERT_EQ(posts.size(), 1u);
  EXPECT_TRUE(
      posts[0].body.starts_with("3\r\none\r\n0\r\nLambda-Runtime-Function-Error-Type: Function.Refused\r\n"
                                "Lambda-Runtime-Function-Error-Body: eyJ"))
      << posts[0].body;
}

TEST_F(RuntimeTest, ReportsAnErrorBeforeTheFirstWriteOfAStreamAsUsual) {
  ScriptedServer server(events({"1"}));
  serve_from(server, {{"f", [](json::value, ResponseStream&) { throw Error("Function.Refused", "no"); }}});
  EXPECT_EQ(answers(server).at(0).target, "/2018-06-01/runtime/invocation/request-1/error");
}

TEST_F(RuntimeTest, DoesNotLetAHandlerBlockTheLoopWithAStream) {
  ScriptedServer server(events({"1"}));
  serve_from(server, {{"f", [](json::value, ResponseStream& stream) -> Task<void> {
                         stream.write_blocking("one");
                         co_return;
                       }}});
  EXPECT_NE(answers(server).at(0).body.find("write_blocking would block the event loop"), std::string::npos);
}

TEST(Notice, IsFivePercentOfTheTimeWithinBounds) {
  EXPECT_EQ(notice_before(milliseconds(3000)), milliseconds(150));
  EXPECT_EQ(notice_before(milliseconds(900'000)), milliseconds(500));
  EXPECT_EQ(notice_before(milliseconds(500)), milliseconds(50));
  EXPECT_EQ(notice_before(milliseconds(60)), milliseconds(30));
  EXPECT_EQ(notice_before(milliseconds(-5)), milliseconds(0));
}

}  // namespace
}  // namespace creel::lambda

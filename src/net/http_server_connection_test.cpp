#include <memory>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/http_server_fixture.h"

namespace creel {
namespace {

using namespace std::chrono_literals;
using testing::Gate;
using ::testing::HasSubstr;
using testing::Served;
using ::testing::StartsWith;
using testing::Wire;

constexpr std::string_view kAsk = "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n";

Task<HttpReply> echo(HttpCall& call) {
  co_return HttpReply{.body = co_await call.read_body(1000)};
}

Task<HttpReply> say_done(HttpCall&) {
  co_return HttpReply{.body = "done"};
}

TEST(HttpServer, ClosesTheConnectionThatHasWaitedLongestForANewOne) {
  const Served served(say_done, {.max_connections = 2});
  Wire first(served.port());
  first.send(kAsk);
  EXPECT_THAT(first.read_until("done"), StartsWith("HTTP/1.1 200"));
  Wire second(served.port());
  second.send(kAsk);
  EXPECT_THAT(second.read_until("done"), StartsWith("HTTP/1.1 200"));
  first.send(kAsk);
  EXPECT_THAT(first.read_until("done"), StartsWith("HTTP/1.1 200"));
  // Now the second one has waited longer.
  Wire third(served.port());
  third.send(kAsk);
  EXPECT_THAT(third.read_until("done"), StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(second.read_all(), "");
  first.send(kAsk);
  EXPECT_THAT(first.read_until("done"), StartsWith("HTTP/1.1 200"));
}

TEST(HttpServer, IsNotFilledByThoseThatSayNothingOrNeverFinish) {
  const Served served(say_done, {.max_connections = 3});
  std::vector<std::unique_ptr<Wire>> silent;
  for (int i = 0; i < 40; ++i) {
    silent.push_back(std::make_unique<Wire>(served.port()));
    if (i % 2 == 0) silent.back()->send("GET / HTTP/1.1\r\nHost: a.exa");
  }
  Wire late(served.port());
  late.send(kAsk);
  EXPECT_THAT(late.read_until("done"), StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(silent.front()->read_all(), "");
}

TEST(HttpServer, RefusesANewConnectionIfAllHaveARequestUnderWay) {
  std::unique_ptr<Gate> gate;
  Served served([&](HttpCall&) { return gate->pass(); }, {.max_connections = 1});
  gate = std::make_unique<Gate>(served.executor());
  Wire busy(served.port());
  busy.send(kAsk);
  gate->entered.get_future().get();
  Wire other(served.port());
  other.send(kAsk);
  EXPECT_EQ(other.read_all(), "");
  Wakeup::post_notify(gate->leave);
  EXPECT_THAT(busy.read_until("passed"), StartsWith("HTTP/1.1 200"));
  // Its timer must not outlive the loop.
  served.stop(0s).get();
  gate.reset();
}

TEST(HttpServer, RefusesABodyWhoseChunksAreNone) {
  const Served served(echo);
  const std::string head = "POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const auto* body :
       {"zz\r\nhello\r\n0\r\n\r\n", "2\r\nhi\r\n-1\r\n", "2\r\nhixx0\r\n\r\n", "11111111111111111\r\nhello\r\n"}) {
    const auto reply = served.ask(head + body);
    EXPECT_THAT(reply, StartsWith("HTTP/1.1 400 ")) << body;
    EXPECT_THAT(reply, HasSubstr("\r\nConnection: close\r\n")) << body;
  }
}

TEST(HttpServer, ServesATargetWithAHostByItsPath) {
  const Served served([](HttpCall& call) -> Task<HttpReply> {
    co_return HttpReply{.body = fmt::format("{} at {}", call.target(), call.header("Host"))};
  });
  const auto reply =
      served.ask("GET http://b.example:81/p?a=1 HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(reply, ::testing::EndsWith("\r\n\r\n/p?a=1 at b.example:81"));
}

TEST(HttpServer, RefusesARequestWithoutAHostOrWithTwo) {
  const Served served(echo);
  for (const auto* request : {"GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
                              "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", "GET http:///p HTTP/1.1\r\nHost: a\r\n\r\n"}) {
    const auto reply = served.ask(request);
    EXPECT_THAT(reply, StartsWith("HTTP/1.1 400 ")) << request;
    EXPECT_THAT(reply, ::testing::ContainsRegex("[Hh]ost")) << request;
    EXPECT_THAT(reply, HasSubstr("\r\nConnection: close\r\n")) << request;
  }
  EXPECT_THAT(served.ask("GET / HTTP/1.0\r\n\r\n"), StartsWith("HTTP/1.1 200 "));
}

TEST(HttpServer, TakesNothingForARequestThatFollowsABodyOfUnknownLength) {
  const Served served(echo);
  Wire wire(served.port());
  wire.send(
      "POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: gzip\r\n\r\n"
      "GET /smuggled HTTP/1.1\r\nHost: a.example\r\n\r\n");
  const auto answer = wire.read_all();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 400"));
  EXPECT_EQ(answer.find("HTTP/1.1", 1), std::string::npos) << answer;
}

}  // namespace
}  // namespace creel

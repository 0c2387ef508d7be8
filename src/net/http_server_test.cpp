#include "net/http_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/failure.h"
#include "net/http_server_fixture.h"

namespace creel {
namespace {

using namespace std::chrono_literals;
using testing::Gate;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::Served;
using ::testing::StartsWith;
using testing::Wire;

Task<HttpReply> echo(HttpCall& call) {
  auto body = co_await call.read_body(1000);
  co_return HttpReply{.headers = {{"X-Method", std::string(call.method())}}, .body = std::move(body)};
}

Task<HttpReply> tell_query(HttpCall& call) {
  co_return HttpReply{.body = fmt::format("{} {}", call.path(), call.parameter("a"))};
}

Task<HttpReply> refuse(HttpCall&) {
  throw Failure(FailureKind::not_found, "no such thing");
  co_return HttpReply{};
}

Task<HttpReply> break_down(HttpCall&) {
  throw std::runtime_error("a secret");
  co_return HttpReply{};
}

Task<void> write_pieces(HttpBodyWriter& writer) {
  co_await writer.write("one");
  co_await writer.write("");
  co_await writer.write("two");
}

Task<HttpReply> stream(HttpCall&) {
  co_return HttpReply{.stream = write_pieces};
}

Task<void> write_and_throw(HttpBodyWriter& writer) {
  co_await writer.write("one");
  throw std::runtime_error("no more");
}

Task<HttpReply> stream_badly(HttpCall&) {
  co_return HttpReply{.stream = write_and_throw};
}

Task<HttpReply> count_pieces(HttpCall& call) {
  std::size_t bytes = 0;
  for (auto piece = co_await call.read_some(); !piece.empty(); piece = co_await call.read_some()) bytes += piece.size();
  co_return HttpReply{.body =
                          fmt::format("{} bytes, {}={}", bytes, "X-Sum", call.trailers().find("x-sum").value_or("?"))};
}

TEST(HttpServer, AnswersWithTheBodyThatItWasSent) {
  const Served served(echo);
  const auto reply =
      served.ask("POST /x HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello");
  EXPECT_THAT(reply, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(reply, HasSubstr("\r\nX-Method: POST\r\n"));
  EXPECT_THAT(reply, HasSubstr("\r\nContent-Length: 5\r\n"));
  EXPECT_THAT(reply, ::testing::EndsWith("\r\n\r\nhello"));
}

TEST(HttpServer, CutsAConnectionWhoseTrailersOrChunkExtensionsDoNotEnd) {
  const Served served(echo);
  const std::string head = "POST /x HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n";
  std::string trailers = head + "2\r\nhi\r\n0\r\n";
  for (int i = 0; i < 200; ++i) trailers += "Z: " + std::string(1000, 'y') + "\r\n";
  for (const auto& request : {trailers, head + "2;" + std::string(200'000, 'y')}) {
    Wire wire(served.port());
    wire.send(request);
    EXPECT_EQ(wire.read_until("HTTP/1.1 200"), "");
  }
}

TEST(HttpServer, KeepsTheConnectionForRequestsOneAfterAnother) {
  const Served served(echo);
  Wire wire(served.port());
  for (const std::string body : {"one", "two", "thr"}) {
    wire.send(fmt::format("POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 3\r\n\r\n{}", body));
    EXPECT_THAT(wire.read_until("\r\n\r\n"), Not(HasSubstr("Connection: close")));
    EXPECT_EQ(wire.read_until(body), body);
  }
}

TEST(HttpServer, AnswersRequestsThatCameTogetherInTheirOrder) {
  const Served served(echo);
  const auto reply = served.ask(
      "POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 3\r\n\r\noneGET / HTTP/1.1\r\nHost: a.example\r\n\r\nPOST "
      "/ HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n"
      "Content-Length: 3\r\n\r\ntwo");
  EXPECT_LT(reply.find("one"), reply.find("two"));
  EXPECT_THAT(reply, HasSubstr("X-Method: GET"));
}

TEST(HttpServer, TakesARequestThatComesByteByByte) {
  const Served served(echo);
  Wire wire(served.port());
  for (const char c : std::string_view(
           "POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")) {
    wire.send(std::string_view(&c, 1));
  }
  EXPECT_THAT(wire.read_until("abc"), HasSubstr("200 OK"));
}

TEST(HttpServer, RefusesABodyOverTheHandlersLimitAndStaysUsable) {
  const Served served(echo);
  Wire wire(served.port());
  wire.send("POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 1001\r\n\r\n" + std::string(1001, 'x'));
  EXPECT_THAT(wire.read_until("1000 bytes\n"), HasSubstr("413"));
  wire.send("GET / HTTP/1.1\r\nHost: a.example\r\n\r\n");
  EXPECT_THAT(wire.read_until("\r\n\r\n"), HasSubstr("200 OK"));
}

TEST(HttpServer, RefusesAChunkedBodyOverTheLimit) {
  const Served served(echo);
  const auto reply = served.ask(
      "POST / HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" +
      std::string(1001, 'x') + "\r\n0\r\n\r\n");
  EXPECT_THAT(reply, HasSubstr("413"));
}

TEST(HttpServer, TellsAClientThatWaitsForItToSendItsBody) {
  const Served served(echo);
  Wire wire(served.port());
  wire.send("POST / HTTP/1.1\r\nHost: a.example\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  EXPECT_EQ(wire.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  wire.send("abc");
  EXPECT_THAT(wire.read_until("abc"), HasSubstr("200 OK"));
}

TEST(HttpServer, DoesNotAskForABodyThatItRefuses) {
  const Served served(echo);
  const auto reply =
      served.ask("POST / HTTP/1.1\r\nHost: a.example\r\nExpect: 100-continue\r\nContent-Length: 5000\r\n\r\n");
  EXPECT_THAT(reply, StartsWith("HTTP/1.1 413"));
  EXPECT_THAT(reply, HasSubstr("Connection: close"));
}

TEST(HttpServer, GivesABodyPieceByPieceAndItsTrailers) {
  const Served served(count_pieces);
  const auto big = std::string(300'000, 'x');
  const auto reply = served.ask(
      fmt::format("POST / HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\nTransfer-Encoding: chunked\r\nTrailer: "
                  "X-Sum\r\n\r\n{:x}\r\n{}\r\n1\r\ny\r\n"
                  "0\r\nX-Sum: 42\r\n\r\n",
                  big.size(), big));
  EXPECT_THAT(reply, HasSubstr("300001 bytes, X-Sum=42"));
}

TEST(HttpServer, StreamsAnAnswerInChunks) {
  const Served served(stream);
  const auto reply = served.ask("GET / HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(reply, HasSubstr("Transfer-Encoding: chunked"));
  EXPECT_THAT(reply, ::testing::EndsWith("\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"));
}

TEST(HttpServer, StreamsToTheEndOfTheConnectionForHttp10) {
  const Served served(stream);
  const auto reply = served.ask("GET / HTTP/1.0\r\n\r\n");
  EXPECT_THAT(reply, Not(HasSubstr("chunked")));
  EXPECT_THAT(reply, ::testing::EndsWith("\r\n\r\nonetwo"));
}

TEST(HttpServer, CutsTheConnectionWhenAStreamFails) {
  const Served served(stream_badly);
  const auto reply = served.ask("GET / HTTP/1.1\r\nHost: a.example\r\n\r\n");
  EXPECT_THAT(reply, ::testing::EndsWith("3\r\none\r\n"));
}

TEST(HttpServer, SendsNoBodyForHead) {
  const Served served(tell_query);
  const auto reply = served.ask("HEAD /p HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(reply, HasSubstr("Content-Length: 3\r\n"));
  EXPECT_THAT(reply, ::testing::EndsWith("\r\n\r\n"));
}

TEST(HttpServer, TakesTheQueryApart) {
  const Served served(tell_query);
  EXPECT_THAT(served.ask("GET /p%20q?x=1&a=%24LATEST&b HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n"),
              HasSubstr("/p%20q $LATEST"));
}

TEST(HttpServer, AnswersAFailureWithItsStatus) {
  const Served served(refuse);
  const auto reply = served.ask("GET / HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(reply, StartsWith("HTTP/1.1 404"));
  EXPECT_THAT(reply, HasSubstr("no such thing"));
}

TEST(HttpServer, KeepsOtherFaultsToItself) {
  std::promise<std::string> told;
  const Served served(break_down, {.on_error = [&](std::string_view what) { told.set_value(std::string(what)); }});
  const auto reply = served.ask("GET / HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(reply, StartsWith("HTTP/1.1 500"));
  EXPECT_THAT(reply, Not(HasSubstr("secret")));
  EXPECT_EQ(told.get_future().get(), "a secret");
}

TEST(HttpServer, RefusesWhatIsNotHttp) {
  const Served served(echo);
  EXPECT_THAT(served.ask("nonsense\r\n\r\n"), StartsWith("HTTP/1.1 400"));
  EXPECT_THAT(served.ask("GET / HTTP/1.1\r\nHost: a.example\r\nX: " + std::string(100'000, 'x') + "\r\n\r\n"),
              StartsWith("HTTP/1.1 431"));
}

TEST(HttpServer, RefusesAHeaderThatIsTooLongByItself) {
  const Served served(echo, {.max_header_bytes = 1UL << 20});
  EXPECT_THAT(served.ask("GET / HTTP/1.1\r\nHost: a.example\r\nX: " + std::string(100'000, 'x') + "\r\n\r\n"),
              StartsWith("HTTP/1.1 431"));
}

TEST(HttpServer, ClosesAConnectionWhoseRequestDoesNotCome) {
  const Served served(echo, {.transfer_timeout = 50ms});
  EXPECT_EQ(served.ask("POST / HT"), "");
  EXPECT_EQ(served.ask("POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 3\r\n\r\na"), "");
}

TEST(HttpServer, ClosesAConnectionWhoseFirstRequestDoesNotCome) {
  const Served served(echo, {.first_byte_timeout = 50ms});
  EXPECT_EQ(served.ask(""), "");
}

TEST(HttpServer, GivesAWholeBodyOnlySoMuchTime) {
  const Served served(echo, {.body_timeout = 50ms});
  EXPECT_EQ(served.ask("POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 3\r\n\r\na"), "");
}

TEST(HttpServer, LetsItsOwnerWordWhatItRefuses) {
  const Served served(echo, {.refusal = [](int status, std::string_view) {
                        return HttpReply{.status = status, .headers = {{"X-Own", "yes"}}, .body = "{}"};
                      }});
  const auto reply = served.ask("nonsense\r\n\r\n");
  EXPECT_THAT(reply, StartsWith("HTTP/1.1 400"));
  EXPECT_THAT(reply, HasSubstr("\r\nX-Own: yes\r\n"));
  EXPECT_THAT(reply, ::testing::EndsWith("\r\n\r\n{}"));
}

TEST(HttpServer, CutsABodyThatNobodyWantsIfItIsLong) {
  const Served served(refuse, {.max_drained_bytes = 1000});
  Wire wire(served.port());
  wire.send("POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 100000\r\n\r\n" + std::string(2000, 'x'));
  EXPECT_THAT(wire.read_all(), StartsWith("HTTP/1.1 404"));
}

Task<void> write_until_cut(HttpBodyWriter& writer) {
  co_await writer.write("one");
  writer.cut();
  co_await writer.write("two");
}

TEST(HttpServer, CutsAnAnswerAtOnceWhenAsked) {
  const Served served([](HttpCall&) -> Task<HttpReply> { co_return HttpReply{.stream = write_until_cut}; });
  EXPECT_THAT(served.ask("GET / HTTP/1.1\r\nHost: a.example\r\n\r\n"), Not(HasSubstr("two")));
}

TEST(HttpServer, SaysWhyItCannotListen) {
  const Served served(echo);
  EventLoop loop;
  HttpServer second(loop.executor(), echo);
  try {
    second.listen("127.0.0.1", served.port());
    FAIL() << "two servers on one port";
  } catch (const Failure& failure) {
    EXPECT_THAT(failure.what(), HasSubstr("in use"));
  }
  loop.stop();
}

TEST(HttpServer, LetsRequestsUnderWayEndWhenItStops) {
  std::unique_ptr<Gate> gate;
  Served served([&](HttpCall&) { return gate->pass(); });
  gate = std::make_unique<Gate>(served.executor());
  Wire idle(served.port());
  Wire busy(served.port());
  busy.send("GET / HTTP/1.1\r\nHost: a.example\r\n\r\n");
  gate->entered.get_future().get();
  auto stopped = served.stop(20s);
  EXPECT_EQ(idle.read_all(), "");
  Wakeup::post_notify(gate->leave);
  const auto reply = busy.read_all();
  EXPECT_THAT(reply, HasSubstr("passed"));
  EXPECT_THAT(reply, HasSubstr("Connection: close"));
  stopped.get();
  EXPECT_FALSE(Wire(served.port()).connected());
  // Its timer must not outlive the loop.
  gate.reset();
}

TEST(HttpServer, CutsWhatTakesLongerThanTheDeadline) {
  std::unique_ptr<Gate> gate;
  Served served([&](HttpCall&) { return gate->pass(); });
  gate = std::make_unique<Gate>(served.executor());
  Wire busy(served.port());
  busy.send("GET / HTTP/1.1\r\nHost: a.example\r\n\r\n");
  gate->entered.get_future().get();
  served.stop(0s).get();
  EXPECT_EQ(busy.read_all(), "");
  gate.reset();
}

TEST(LocalUrl, LeadsToTheServerFromThisMachine) {
  EXPECT_EQ(local_url("127.0.0.1", 80), "http://127.0.0.1:80");
  EXPECT_EQ(local_url("0.0.0.0", 8080), "http://127.0.0.1:8080");
  EXPECT_EQ(local_url("::", 8080), "http://[::1]:8080");
  EXPECT_EQ(local_url("fd00::1", 8080), "http://[fd00::1]:8080");
}

}  // namespace
}  // namespace creel

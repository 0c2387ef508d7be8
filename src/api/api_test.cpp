#include "api/api.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>
#include <gmock/gmock.h>

#include "api/api_fixture.h"
#include "api/token_test_support.h"
#include "support/started.h"

namespace creel {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using asio::ip::tcp;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

/// A connection on the test's own loop, whose bytes the test chooses.
class Wire {
 public:
  explicit Wire(asio::io_context& loop) : loop_(loop), socket_(loop) {}

  void connect(std::uint16_t port) { socket_.connect({asio::ip::address_v4::loopback(), port}); }
  void send(std::string_view text) { testing::run(loop_, write(std::string(text))); }
  /// What has come up to `end`, or to the end of the connection.
  std::string read_until(std::string end) { return testing::run(loop_, read(std::move(end))); }
  std::string read_all() { return read_until("\x01\x02 never"); }

 private:
  Task<void> write(std::string text) {
    boost::system::error_code error;
    co_await asio::async_write(socket_, asio::buffer(text), asio::redirect_error(asio::use_awaitable, error));
  }
  Task<std::string> read(std::string end) {
    boost::system::error_code error;
    co_await asio::async_read_until(socket_, asio::dynamic_buffer(text_), end,
                                    asio::redirect_error(asio::use_awaitable, error));
    const auto found = text_.find(end);
    auto taken = text_.substr(0, found == std::string::npos ? found : found + end.size());
    text_.erase(0, taken.size());
    co_return taken;
  }

  asio::io_context& loop_;
  tcp::socket socket_;
  std::string text_;
};

class ApiTest : public testing::ApiFixture {
 protected:
  std::uint16_t port() {
    if (!api_) serve(store_);
    return api_->port();
  }

  /// The whole answer to a request as it goes over the wire.
  std::string raw(std::string_view request) {
    Wire wire(loop_);
    wire.connect(port());
    wire.send(request);
    return wire.read_all();
  }

  std::string bearer(Scope scope) { return fmt::format("Authorization: Bearer {}\r\n", token(scope)); }
  std::string cookie(Scope scope) { return fmt::format("Cookie: creel_session={}\r\n", token(scope)); }

  std::string exchange(std::string_view method, std::string_view target, std::string_view headers = "",
                       std::string_view body = "") {
    return raw(fmt::format("{} {} HTTP/1.1\r\nHost: creel.test\r\nConnection: close\r\n{}Content-Length: {}\r\n\r\n{}",
                           method, target, headers, body.size(), body));
  }
};

TEST_F(ApiTest, AsksForAToken) {
  const auto answer = exchange("GET", "/images");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 401 "));
  EXPECT_THAT(answer, HasSubstr("WWW-Authenticate: Bearer realm=\"creel\"\r\n"));
  EXPECT_THAT(answer, HasSubstr("Content-Type: application/problem+json\r\n"));
}

TEST_F(ApiTest, RefusesATokenThatIsNotRight) {
  const auto answer = exchange("GET", "/images", "Authorization: Bearer a.b.c\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 401 "));
  EXPECT_THAT(answer, HasSubstr("error=\"invalid_token\""));
}

TEST_F(ApiTest, TellsReadingFromWriting) {
  EXPECT_THAT(exchange("GET", "/images", bearer(Scope::read)), StartsWith("HTTP/1.1 200 "));
  const auto answer = exchange("POST", "/images", bearer(Scope::read), "{}");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 403 "));
  EXPECT_THAT(answer, HasSubstr("error=\"insufficient_scope\", scope=\"write\""));
  EXPECT_THAT(exchange("GET", "/images", bearer(Scope::write)), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(exchange("GET", "/images", bearer(Scope::none)), StartsWith("HTTP/1.1 403 "));
}

TEST_F(ApiTest, MakesASessionOutOfAToken) {
  const auto answer = exchange("POST", "/session", bearer(Scope::write));
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(answer, HasSubstr("\r\nSet-Cookie: creel_session="));
  EXPECT_THAT(answer, HasSubstr("; HttpOnly; SameSite=Strict\r\n"));
  EXPECT_THAT(answer, HasSubstr(R"("scope":"write","subject":"test")"));
  const auto over_https = exchange("POST", "/session", bearer(Scope::read) + "X-Forwarded-Proto: https\r\n");
  EXPECT_THAT(over_https, HasSubstr("\r\nSet-Cookie: __Host-creel_session="));
  EXPECT_THAT(over_https, HasSubstr("; Secure\r\n"));
  EXPECT_THAT(exchange("DELETE", "/session"), HasSubstr("creel_session=; Path=/; Max-Age=0"));
}

TEST_F(ApiTest, TellsEverybodyWhoTheyAre) {
  const auto nobody =
      AllOf(StartsWith("HTTP/1.1 200 "), HasSubstr(R"({"scope":null,"subject":null,"expires_at":null})"));
  EXPECT_THAT(exchange("GET", "/session"), nobody);
  EXPECT_THAT(exchange("GET", "/session", "Authorization: Bearer not.a.token\r\n"), nobody);
  EXPECT_THAT(exchange("GET", "/session", bearer(Scope::none)), HasSubstr(R"({"scope":null,"subject":"test",)"));
  EXPECT_THAT(exchange("GET", "/session", bearer(Scope::write)), HasSubstr(R"({"scope":"write","subject":"test",)"));
}

TEST_F(ApiTest, TakesTheCookieFromItsOwnPageAlone) {
  EXPECT_THAT(exchange("GET", "/session", cookie(Scope::read)), StartsWith("HTTP/1.1 200 "));
  const auto body = R"({"ids":[1]})";
  const auto json = cookie(Scope::write) + "Content-Type: application/json\r\n";
  EXPECT_THAT(exchange("POST", "/images/delete", json, body), StartsWith("HTTP/1.1 403 "));
  EXPECT_THAT(exchange("POST", "/images/delete", json + "Origin: http://evil.test\r\n", body),
              StartsWith("HTTP/1.1 403 "));
  EXPECT_THAT(exchange("POST", "/images/delete", json + "Origin: http://creel.test\r\n", body),
              StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(exchange("POST", "/images/delete", json + "Sec-Fetch-Site: same-origin\r\n", body),
              StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(exchange("DELETE", "/session", cookie(Scope::write)), StartsWith("HTTP/1.1 403 "));
}

TEST_F(ApiTest, IsOpenWhereNothingIsSecret) {
  EXPECT_THAT(exchange("GET", "/"), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(exchange("GET", "/openapi.json"), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(exchange("GET", "/healthz"), HasSubstr(R"("status":"ok","version":"test","database":"ok")"));
  EXPECT_THAT(exchange("GET", "/metrics"), StartsWith("HTTP/1.1 401 "));
}

TEST_F(ApiTest, AnswersWhatItDoesNotKnowWithAProblem) {
  const auto token = bearer(Scope::write);
  const std::vector<std::pair<std::string, int>> table{
      {exchange("GET", "/nothing", token), 404},
      {exchange("GET", "/images/", token), 404},
      {exchange("GET", "//images", token), 404},
      {exchange("GET", "/images/999", token), 404},
      {exchange("GET", "/images/" + std::string(5000, '9'), token), 404},
      {exchange("PUT", "/images", token), 405},
      {exchange("BREW", "/images", token), 405},
      {exchange("GET", "/images?other=1", token), 400},
      {exchange("GET", "/healthz?other=1"), 400},
      {exchange("GET", "/images?limit=0", token), 400},
      {exchange("POST", "/images", token + "Content-Type: text/plain\r\n", "x"), 415},
      {exchange("POST", "/images", token, "{"), 400},
      {exchange("POST", "/images", token), 400},
      {exchange("POST", "/images/delete", token, std::string(2'000'000, ' ')), 413},
      {raw("GET / HTTP/1.1\r\nX: " + std::string(40'000, 'x') + "\r\n\r\n"), 431},
      {raw("nonsense\r\n\r\n"), 400},
  };
  for (const auto& [answer, status] : table) {
    EXPECT_THAT(answer, StartsWith(fmt::format("HTTP/1.1 {} ", status)));
    EXPECT_THAT(answer, HasSubstr("Content-Type: application/problem+json\r\n"));
    EXPECT_THAT(answer, HasSubstr("X-Content-Type-Options: nosniff\r\n"));
    EXPECT_THAT(answer, HasSubstr(fmt::format(R"("status":{})", status)));
  }
}

TEST_F(ApiTest, SaysWhichMethodsThereAre) {
  EXPECT_THAT(exchange("PUT", "/images"), HasSubstr("\r\nAllow: GET, HEAD, POST, OPTIONS\r\n"));
  const auto options = exchange("OPTIONS", "/images");
  EXPECT_THAT(options, StartsWith("HTTP/1.1 204 "));
  EXPECT_THAT(options, HasSubstr("\r\nAllow: GET, HEAD, POST, OPTIONS\r\n"));
  EXPECT_THAT(options, Not(HasSubstr("Access-Control")));
}

TEST_F(ApiTest, AnswersHeadWithoutABody) {
  const auto answer = exchange("HEAD", "/healthz");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(answer, ::testing::EndsWith("\r\n\r\n"));
  EXPECT_THAT(answer, Not(HasSubstr("Content-Length: 0\r\n")));
}

TEST_F(ApiTest, KeepsBrowsersFromMisusingWhatItAnswers) {
  for (const auto* target : {"/", "/images", "/openapi.json", "/nothing"}) {
    const auto answer = exchange("GET", target, bearer(Scope::read));
    for (const auto* header : {"X-Content-Type-Options: nosniff", "Referrer-Policy: no-referrer",
                               "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'",
                               "Cache-Control: no-store", "X-Frame-Options: DENY"}) {
      EXPECT_THAT(answer, HasSubstr(fmt::format("\r\n{}\r\n", header))) << target;
    }
    EXPECT_THAT(answer, Not(HasSubstr("Access-Control")));
  }
}

TEST_F(ApiTest, ShowsMetricsByRoute) {
  exchange("GET", "/images/1", bearer(Scope::read));
  exchange("BREW", "/what/ever");
  const auto text = get("/metrics").text;
  EXPECT_THAT(text, HasSubstr(R"(creel_http_requests_total{method="GET",route="/images/{id}",status="404"} 1)"));
  EXPECT_THAT(text, HasSubstr(R"(creel_http_requests_total{method="other",route="other",status="404"} 1)"));
  EXPECT_THAT(text, HasSubstr(R"(creel_images{kind="",state="stored"} 0)"));
  EXPECT_THAT(text, HasSubstr("creel_queue_waiting 0"));
}

TEST_F(ApiTest, DescribesItselfWithEveryRoute) {
  const auto document = get("/openapi.json").json();
  const auto& paths = document.at("paths").as_object();
  for (const auto* path : {"/",
                           "/healthz",
                           "/metrics",
                           "/openapi.json",
                           "/events",
                           "/session",
                           "/images",
                           "/images/{id}",
                           "/images/{id}/content",
                           "/images/{id}/retry",
                           "/images/retry",
                           "/images/delete",
                           "/images/export",
                           "/statistics",
                           "/sources",
                           "/sources/{id}",
                           "/sources/{id}/start",
                           "/sources/{id}/stop",
                           "/sources/{id}/fetch",
                           "/sources/{id}/test",
                           "/sources/test",
                           "/sources/types",
                           "/sources/{id}/polls"}) {
    EXPECT_TRUE(paths.contains(path)) << path;
  }
}

TEST_F(ApiTest, StreamsEvents) {
  fail_image(add_image("https://a.example/1.png"), FailureKind::timeout);
  Wire wire(loop_);
  wire.connect(port());
  wire.send(fmt::format("GET /events?types=image_stored,counters HTTP/1.1\r\nHost: creel.test\r\n{}\r\n",
                        bearer(Scope::read)));
  const auto head = wire.read_until("retry: 2000\n\n");
  EXPECT_THAT(head, HasSubstr("Content-Type: text/event-stream\r\n"));
  EXPECT_THAT(head, HasSubstr("Cache-Control: no-store\r\n"));
  events_->publish(EventType::image_failed, R"({"id":1})");
  events_->publish(EventType::image_stored, R"({"id":2})");
  const auto event = wire.read_until("data: {\"id\":2}\n\n");
  EXPECT_THAT(event, HasSubstr("event: image_stored\n"));
  EXPECT_THAT(event, Not(HasSubstr("image_failed")));
  const auto counters = wire.read_until("bytes_per_second");
  EXPECT_THAT(counters, HasSubstr("event: counters\n"));
  EXPECT_THAT(counters, HasSubstr(R"("pending":0,"storing":0,"stored":0,"failed":1)"));
  EXPECT_THAT(counters, HasSubstr(R"("failed_by_kind":{"timeout":1})"));
}

TEST_F(ApiTest, RefusesEventsOfTypesThatThereAreNot) {
  EXPECT_THAT(exchange("GET", "/events?types=image_stored,other", bearer(Scope::read)), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(exchange("GET", "/events"), StartsWith("HTTP/1.1 401 "));
}

TEST_F(ApiTest, EndsStreamsWhenItStops) {
  Wire wire(loop_);
  wire.connect(port());
  wire.send(fmt::format("GET /events HTTP/1.1\r\nHost: creel.test\r\n{}\r\n", bearer(Scope::read)));
  wire.read_until("retry: 2000\n\n");
  testing::run(loop_, api_->stop(std::chrono::steady_clock::now() + 20s));
  EXPECT_THAT(wire.read_all(), ::testing::EndsWith("retry: 2000\n\n\r\n0\r\n\r\n"));
}

TEST_F(ApiTest, CutsAStreamThatIsNotReadAndServesOthers) {
  events_ = std::make_unique<EventHub>(loop_.get_executor(), clock_, EventHubOptions{.max_events = 50, .pace = 0ms});
  Wire slow(loop_);
  slow.connect(port());
  slow.send(fmt::format("GET /events?types=image_stored HTTP/1.1\r\nHost: creel.test\r\n{}\r\n", bearer(Scope::read)));
  slow.read_until("retry: 2000\n\n");
  const auto event = "\"" + std::string(200'000, 'x') + "\"";
  for (int i = 0; i < 500 && events_->dropped() == 0; ++i) {
    events_->publish(EventType::image_stored, event);
    loop_.restart();
    while (loop_.poll_one() > 0) continue;
  }
  EXPECT_EQ(events_->dropped(), 1U);
  EXPECT_EQ(get("/healthz").status, 200);
  EXPECT_EQ(events_->clients(), 0U);
}

}  // namespace
}  // namespace creel

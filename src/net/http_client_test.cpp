#include "net/http_client.h"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <gtest/gtest.h>

#include "base/failure.h"
#include "net/host_limits.h"
#include "net/resolver.h"
#include "support/run_task.h"
#include "support/scripted_server.h"

namespace creel {
namespace {

using testing::run;
using testing::ScriptedServer;
using testing::WireReply;
using testing::WireRequest;
using namespace std::chrono_literals;
using namespace boost::asio::experimental::awaitable_operators;

/// Names end in ".test" and all stand for loopback; "missing.test" does not exist.
Resolver::Addresses test_lookup(const std::string& host) {
  if (host == "missing.test") throw Failure(FailureKind::dns, "no such host");
  if (host == "private.test") return {boost::asio::ip::make_address("10.1.2.3")};
  return {boost::asio::ip::make_address("127.0.0.1")};
}

class HttpClientTest : public ::testing::Test {
 protected:
  HttpClient& client(HttpClientOptions options = {.address_policy = AddressPolicy::private_too}) {
    client_ = std::make_unique<HttpClient>(loop_.get_executor(), std::move(options), resolver_);
    return *client_;
  }

  static HttpRequest get(const std::string& url, std::chrono::milliseconds within = 10s) {
    return {.url = Url::parse(url), .deadline = std::chrono::steady_clock::now() + within};
  }

  static Task<std::string> text_of(HttpClient& client, HttpRequest request) {
    auto response = co_await client.send(std::move(request));
    co_return co_await response.read_text(1 << 20);
  }

  template <class T>
  FailureKind failure_of(Task<T> task) {
    try {
      run(loop_, std::move(task));
    } catch (const Failure& failure) {
      return failure.kind();
    }
    ADD_FAILURE() << "no failure";
    return FailureKind::internal;
  }

  SystemClock clock_;
  boost::asio::io_context loop_;
  Resolver resolver_{clock_, test_lookup};
  std::unique_ptr<HttpClient> client_;
};

Task<std::pair<int, std::string>> status_and_text(HttpClient& client, HttpRequest request) {
  auto response = co_await client.send(std::move(request));
  const int status = response.status();
  co_return std::pair(status, co_await response.read_text(1 << 20));
}

TEST_F(HttpClientTest, ReturnsStatusHeadersAndBody) {
  ScriptedServer server([](const WireRequest&) { return WireReply::response(404, "gone", {{"X-Why", "because"}}); });
  const auto [status, text] = run(loop_, status_and_text(client(), get(server.url("/a?b=c"))));
  EXPECT_EQ(status, 404);
  EXPECT_EQ(text, "gone");
  EXPECT_EQ(server.requests().at(0).target, "/a?b=c");
  EXPECT_EQ(server.requests().at(0).header("Accept-Encoding"), "identity");
}

TEST_F(HttpClientTest, SendsABodyWithItsLengthAndNoExpectation) {
  ScriptedServer server([](const WireRequest&) { return WireReply::response(200); });
  const std::string body(3 << 20, 'x');
  std::size_t sent = 0;
  auto request = get(server.url("/put"));
  request.method = HttpMethod::put;
  request.body = BodyView(std::as_bytes(std::span(body)));
  request.on_sent = [&sent](std::size_t bytes) { sent += bytes; };
  run(loop_, text_of(client(), std::move(request)));
  EXPECT_EQ(server.requests().at(0).body, body);
  EXPECT_EQ(server.requests().at(0).header("Content-Length"), std::to_string(body.size()));
  EXPECT_EQ(server.requests().at(0).header("Expect"), "");
  EXPECT_EQ(sent, body.size());
}

TEST_F(HttpClientTest, ReusesAConnectionWhenTheBodyWasReadToItsEnd) {
  ScriptedServer server([](const WireRequest&) { return WireReply::response(200, std::string(100'000, 'x')); });
  auto& http = client();
  for (int i = 0; i < 5; ++i) run(loop_, text_of(http, get(server.url("/"))));
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(HttpClientTest, SendsARequestAgainWhenAnIdleConnectionHadBeenClosed) {
  ScriptedServer server([](const WireRequest&) {
    auto reply = WireReply::response(200, "fine");
    reply.then = WireReply::Then::close;
    return reply;
  });
  auto& http = client();
  for (int i = 0; i < 5; ++i) EXPECT_EQ(run(loop_, text_of(http, get(server.url("/")))), "fine");
}

TEST_F(HttpClientTest, RefusesAPrivateAddressBeforeAConnectionIsMade) {
  ScriptedServer server([](const WireRequest&) { return WireReply::response(200); });
  auto& http = client({.address_policy = AddressPolicy::public_only});
  EXPECT_EQ(failure_of(text_of(http, get(server.url("/")))), FailureKind::blocked_address);
  EXPECT_EQ(failure_of(text_of(http, get("http://private.test/"))), FailureKind::blocked_address);
  EXPECT_EQ(failure_of(text_of(http, get("http://[::ffff:127.0.0.1]/"))), FailureKind::blocked_address);
  EXPECT_EQ(failure_of(text_of(http, get("http://2130706433/"))), FailureKind::blocked_address);
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(HttpClientTest, RefusesAClosedServiceHoweverItIsWritten) {
  ScriptedServer server([](const WireRequest&) { return WireReply::response(200); });
  ScriptedServer open([](const WireRequest&) { return WireReply::response(200, "open"); });
  const Endpoint closed{boost::asio::ip::make_address("127.0.0.1"), server.port()};
  auto& http = client({.address_policy = AddressPolicy::private_too, .blocked_endpoints = {closed}});
  for (const auto* host :
       {"127.0.0.1", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1", "127.0.0.2", "[::1]", "here.test"}) {
    const auto url = fmt::format("http://{}:{}/", host, server.port());
    EXPECT_EQ(failure_of(text_of(http, get(url))), FailureKind::blocked_address) << url;
  }
  EXPECT_EQ(server.connections(), 0);
  EXPECT_EQ(run(loop_, text_of(http, get(open.url("/")))), "open");
}

TEST_F(HttpClientTest, AsksAProxyForNoClosedService) {
  ScriptedServer proxy([](const WireRequest&) { return WireReply::response(200); });
  auto& http = client({.address_policy = AddressPolicy::private_too,
                       .blocked_endpoints = {{boost::asio::ip::make_address("169.254.100.1"), 9001}},
                       .proxies = {.http_proxy = proxy.url("")}});
  EXPECT_EQ(failure_of(text_of(http, get("http://169.254.100.1:9001/"))), FailureKind::blocked_address);
  EXPECT_EQ(proxy.connections(), 0);
}

TEST_F(HttpClientTest, SaysWhyThereAreNoCertificatesToCheckAServerBy) {
  auto& http = client({.address_policy = AddressPolicy::private_too, .ca_failure = "no certificates in /a, /b"});
  try {
    run(loop_, text_of(http, get("https://private.test/")));
    ADD_FAILURE() << "no failure";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.kind(), FailureKind::tls);
    EXPECT_STREQ(failure.what(), "no certificates in /a, /b");
  }
}

TEST_F(HttpClientTest, AsksAProxyForNoAddressThatIsRefusedWithoutOne) {
  ScriptedServer proxy([](const WireRequest&) { return WireReply::response(200, "from the proxy"); });
  auto& http = client({.address_policy = AddressPolicy::public_only, .proxies = {.http_proxy = proxy.url("")}});
  EXPECT_EQ(failure_of(text_of(http, get("http://169.254.169.254/latest/"))), FailureKind::blocked_address);
  EXPECT_EQ(failure_of(text_of(http, get("http://10.0.0.1/x.png"))), FailureKind::blocked_address);
  EXPECT_EQ(failure_of(text_of(http, get("http://localhost/x.png"))), FailureKind::blocked_address);
  EXPECT_EQ(proxy.connections(), 0);
  EXPECT_EQ(run(loop_, text_of(http, get("http://name.test/x.png"))), "from the proxy");
}

TEST_F(HttpClientTest, TellsFailuresOfTheNetworkApart) {
  const auto truncated = [](const WireRequest&) {
    return WireReply{.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", .then = WireReply::Then::close};
  };
  ScriptedServer cut(truncated);
  ScriptedServer silent([](const WireRequest&) { return WireReply{.bytes = "", .then = WireReply::Then::close}; });
  ScriptedServer nonsense(
      [](const WireRequest&) { return WireReply{.bytes = "what?\r\n\r\n", .then = WireReply::Then::close}; });
  auto& http = client();
  EXPECT_EQ(failure_of(text_of(http, get(cut.url("/")))), FailureKind::truncated);
  EXPECT_EQ(failure_of(text_of(http, get(silent.url("/")))), FailureKind::connect);
  EXPECT_EQ(failure_of(text_of(http, get(nonsense.url("/")))), FailureKind::server_error);
  EXPECT_EQ(failure_of(text_of(http, get("http://missing.test/"))), FailureKind::dns);
  EXPECT_EQ(failure_of(text_of(http, get("http://127.0.0.1:1/"))), FailureKind::connect);
}

TEST_F(HttpClientTest, EndsAtItsDeadlineWhereverTheServerStalls) {
  ScriptedServer before([](const WireRequest&) { return WireReply{.bytes = "", .then = WireReply::Then::stall}; });
  ScriptedServer inside([](const WireRequest&) {
    return WireReply{.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", .then = WireReply::Then::stall};
  });
  auto& http = client();
  EXPECT_EQ(failure_of(text_of(http, get(before.url("/"), 200ms))), FailureKind::timeout);
  EXPECT_EQ(failure_of(text_of(http, get(inside.url("/"), 200ms))), FailureKind::timeout);
}

struct SmallSink final : BodySink {
  std::size_t write(std::span<const std::byte> data) override {
    const auto count = std::min(data.size(), room);
    room -= count;
    return count;
  }
  std::size_t room = 0;
};

/// Reads a body in parts of `part_bytes`, with a wait before each, and returns how many there were.
Task<int> read_in_parts(HttpClient& http, HttpRequest request, std::size_t part_bytes,
                        std::chrono::milliseconds wait = 0ms) {
  auto response = co_await http.send(std::move(request));
  SmallSink sink;
  int parts = 0;
  do {
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, wait);
    co_await timer.async_wait(boost::asio::use_awaitable);
    sink.room = part_bytes;
    ++parts;
  } while (co_await response.read(sink) == BodyProgress::sink_full);
  co_return parts;
}

TEST_F(HttpClientTest, HoldsTheBodyBackUntilItIsRead) {
  const std::string body(40 << 20, 'x');
  ScriptedServer server([&](const WireRequest&) { return WireReply::response(200, body); });
  EXPECT_EQ(run(loop_, read_in_parts(client(), get(server.url("/")), 8 << 20)), 5);
}

TEST_F(HttpClientTest, DoesNotCountTheTimeInWhichNobodyReads) {
  const std::string body(4 << 20, 'x');
  ScriptedServer whole([&](const WireRequest&) { return WireReply::response(200, body); });
  EXPECT_EQ(run(loop_, read_in_parts(client(), get(whole.url("/"), 1000ms), 2 << 20, 600ms)), 2);
  ScriptedServer half([](const WireRequest&) {
    return WireReply{.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", .then = WireReply::Then::stall};
  });
  EXPECT_EQ(failure_of(read_in_parts(client(), get(half.url("/"), 200ms), 2, 10ms)), FailureKind::timeout);
}

Task<void> four_at_once(HttpClient& client, HttpRequest request) {
  const auto text_of = [&](HttpClient& http) { return status_and_text(http, request); };
  co_await (text_of(client) && text_of(client) && text_of(client) && text_of(client));
}

TEST_F(HttpClientTest, GivesNoHostMoreConnectionsThanItsLimit) {
  ScriptedServer server([](const WireRequest&) { return WireReply::response(200, "x"); });
  auto& http = client({.address_policy = AddressPolicy::private_too, .host_limits = std::make_shared<HostLimits>(2)});
  for (int i = 0; i < 10; ++i) run(loop_, four_at_once(http, get(server.url("/"))));
  EXPECT_EQ(server.requests().size(), 40U);
  EXPECT_LE(server.peak_connections(), 2);
}

Task<bool> gives_up_after(std::chrono::milliseconds wait, HttpClient& client, HttpRequest request) {
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, wait);
  const auto first =
      co_await (status_and_text(client, std::move(request)) || timer.async_wait(boost::asio::use_awaitable));
  co_return first.index() == 1;
}

TEST_F(HttpClientTest, EndsATransferWhenItsCoroutineIsCancelled) {
  ScriptedServer server([](const WireRequest&) { return WireReply{.bytes = "", .then = WireReply::Then::stall}; });
  auto& http = client();
  EXPECT_TRUE(run(loop_, gives_up_after(50ms, http, get(server.url("/")))));
  EXPECT_EQ(http.open_connections(), 0U);
}

TEST_F(HttpClientTest, DecodesWhatTheServerCompressedAndKnowsNoLengthThen) {
  // "hello" as gzip.
  const std::string gzip("\x1f\x8b\x08\0\0\0\0\0\0\x03\xcb\x48\xcd\xc9\xc9\x07\0\x86\xa6\x10\x36\x05\0\0\0", 25);
  ScriptedServer server(
      [&](const WireRequest&) { return WireReply::response(200, gzip, {{"Content-Encoding", "gzip"}}); });
  const auto task = [](HttpClient& http, HttpRequest request) -> Task<std::string> {
    auto response = co_await http.send(std::move(request));
    EXPECT_FALSE(response.content_length());
    co_return co_await response.read_text(100);
  };
  EXPECT_EQ(run(loop_, task(client(), get(server.url("/")))), "hello");
}

}  // namespace
}  // namespace creel

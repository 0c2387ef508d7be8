#include <array>
#include <thread>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

#include "base/failure.h"
#include "net/http_client.h"
#include "support/http_test.h"
#include "support/scripted_server.h"

namespace creel {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using testing::ScriptedServer;
using testing::WireReply;
using testing::WireRequest;

/// Answers one request as soon as its headers have come, and then reads the rest or hangs up.
class HastyServer {
 public:
  enum class Then : std::uint8_t { read_on, hang_up };

  HastyServer(std::string answer, Then then)
      : thread_([this, answer = std::move(answer), then] { serve(answer, then); }) {}
  ~HastyServer() {
    // Lets a server go that nobody has called.
    boost::system::error_code ignored;
    tcp::socket(loop_).connect(acceptor_.local_endpoint(), ignored);
  }

  std::string url() const { return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()) + "/"; }

 private:
  void serve(const std::string& answer, Then then) {
    boost::system::error_code error;
    tcp::socket socket = acceptor_.accept();
    std::string received;
    asio::read_until(socket, asio::dynamic_buffer(received), "\r\n\r\n", error);
    asio::write(socket, asio::buffer(answer), error);
    std::array<char, 65536> rest;
    while (then == Then::read_on && !error) socket.read_some(asio::buffer(rest), error);
  }

  asio::io_context loop_;
  tcp::acceptor acceptor_{loop_, {asio::ip::address_v4::loopback(), 0}};
  std::jthread thread_;
};

class HttpUploadTest : public testing::HttpTest {};

TEST_F(HttpUploadTest, SendsEveryMethodWithItsBody) {
  ScriptedServer server([](const WireRequest&) { return WireReply::response(200); });
  fetch(request(HttpMethod::put, server.url("/"), "one"));
  fetch(request(HttpMethod::post, server.url("/"), "two"));
  fetch(request(HttpMethod::delete_, server.url("/")));
  const auto requests = server.requests();
  ASSERT_EQ(requests.size(), 3U);
  EXPECT_EQ(requests[0].method, "PUT");
  EXPECT_EQ(requests[0].body, "one");
  EXPECT_EQ(requests[1].method, "POST");
  EXPECT_EQ(requests[1].body, "two");
  EXPECT_EQ(requests[1].header("Content-Length"), "3");
  EXPECT_EQ(requests[1].header("Content-Type"), "") << "none is made up";
  EXPECT_EQ(requests[2].method, "DELETE");
  EXPECT_EQ(requests[2].header("Content-Length"), "");
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(HttpUploadTest, SaysThatAnEmptyBodyIsEmpty) {
  ScriptedServer server([](const WireRequest&) { return WireReply::response(200); });
  for (const auto method : {HttpMethod::put, HttpMethod::post}) {
    fetch(request(method, server.url("/")));
    const auto seen = server.requests().back();
    EXPECT_EQ(seen.header("Content-Length"), "0") << seen.method;
    EXPECT_EQ(seen.header("Transfer-Encoding"), "") << seen.method;
    EXPECT_EQ(seen.header("Expect"), "") << seen.method;
  }
}

TEST_F(HttpUploadTest, SendsTheHeadersOfTheRequestAlsoEmptyOnes) {
  ScriptedServer server([](const WireRequest&) { return WireReply::response(200); });
  use_client({.user_agent = "creel/1", .address_policy = AddressPolicy::private_too});
  auto put = request(HttpMethod::put, server.url("/"), "x");
  put.headers = {{"Content-Type", "image/png"}, {"X-Empty", ""}, {"x-amz-meta-a", "b"}};
  fetch(std::move(put));
  const auto seen = server.requests().at(0);
  EXPECT_EQ(seen.header("User-Agent"), "creel/1");
  EXPECT_EQ(seen.header("Content-Type"), "image/png");
  EXPECT_EQ(seen.header("x-amz-meta-a"), "b");
  EXPECT_TRUE(std::ranges::count(seen.headers, std::pair<std::string, std::string>("X-Empty", "")) == 1);
}

TEST_F(HttpUploadTest, StartsAgainOnANewConnectionWhenTheReusedOneIsDead) {
  // The second request of the first connection is read, and then the connection is closed without a word.
  ScriptedServer server([seen = 0](const WireRequest&) mutable {
    return ++seen == 2 ? WireReply{.bytes = "", .then = WireReply::Then::close} : WireReply::response(200, "stored");
  });
  const std::string body(3 << 20, 'x');
  get(server.url("/"));
  std::size_t sent = 0;
  auto put = request(HttpMethod::put, server.url("/"), body);
  put.on_sent = [&sent](std::size_t bytes) { sent += bytes; };
  EXPECT_EQ(fetch(std::move(put)).text, "stored");
  const auto requests = server.requests();
  ASSERT_EQ(requests.size(), 3U);
  EXPECT_EQ(requests[1].connection, 1);
  EXPECT_EQ(requests[2].connection, 2);
  EXPECT_EQ(requests[2].body, body);
  EXPECT_EQ(sent, 2 * body.size()) << "what went out, both times";
}

TEST_F(HttpUploadTest, UploadsAfterTheServerClosedTheConnectionOfTheLastAnswer) {
  ScriptedServer server([](const WireRequest&) {
    auto reply = WireReply::response(200, "stored");
    reply.then = WireReply::Then::close;
    return reply;
  });
  const std::string body(1 << 20, 'x');
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(fetch(request(HttpMethod::put, server.url("/"), body)).text, "stored");
    EXPECT_EQ(server.requests().back().body, body);
  }
}

TEST_F(HttpUploadTest, ReturnsAnAnswerThatCameBeforeTheWholeBodyWasSent) {
  const std::string body(64 << 20, 'x');
  const std::string answer = "HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 4\r\n\r\nnope";
  for (const auto then : {HastyServer::Then::read_on, HastyServer::Then::hang_up}) {
    HastyServer server(answer, then);
    const auto fetched = fetch(request(HttpMethod::put, server.url(), body));
    EXPECT_EQ(fetched.status, 403);
    EXPECT_EQ(fetched.text, "nope");
    client_.reset();
  }
}

}  // namespace
}  // namespace creel

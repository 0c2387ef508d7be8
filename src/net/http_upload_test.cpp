#include <array>
#include <functional>
#include <future>
#include <sys/socket.h>
#include <thread>
#include <vector>

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

/// A server whose one connection after the other is served by a function of the test.
class RawServer {
 public:
  using Serve = std::function<void(tcp::socket)>;

  explicit RawServer(std::vector<Serve> connections)
      : thread_([this, connections = std::move(connections)] {
          for (const auto& serve : connections) {
            boost::system::error_code error;
            tcp::socket socket(loop_);
            acceptor_.accept(socket, error);
            if (!error) serve(std::move(socket));
          }
        }) {}

  /// Waits for the connections that have come, and for no more.
  ~RawServer() { ::shutdown(acceptor_.native_handle(), SHUT_RDWR); }

  std::string url() const { return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()) + "/"; }

 private:
  asio::io_context loop_;
  tcp::acceptor acceptor_{loop_, {asio::ip::address_v4::loopback(), 0}};
  std::jthread thread_;
};

/// Reads as far as the end of a request's headers, and maybe some of its body.
void read_head(tcp::socket& socket) {
  boost::system::error_code error;
  std::string received;
  asio::read_until(socket, asio::dynamic_buffer(received), "\r\n\r\n", error);
}

void answer(tcp::socket& socket, std::string_view text) {
  boost::system::error_code error;
  asio::write(socket, asio::buffer(text), error);
}

/// Reads on until the other side closes the connection.
void drain(tcp::socket& socket) {
  boost::system::error_code error;
  std::array<char, 65536> rest;
  while (!error) socket.read_some(asio::buffer(rest), error);
}

class HttpUploadTest : public testing::HttpTest {};

TEST_F(HttpUploadTest, SendsEveryMethodWithItsBody) {
  ScriptedServer server([](const WireRequest&) { return WireReply::response(200); });
  fetch(request(HttpMethod::put, server.url("/"), "one"));
  fetch(request(HttpMethod::post, server.url("/"), "two"));
  fetch(request(HttpMethod::delete_, server.url("/")));
  fetch(request(HttpMethod::patch, server.url("/"), "three"));
  const auto requests = server.requests();
  ASSERT_EQ(requests.size(), 4U);
  EXPECT_EQ(requests[0].method, "PUT");
  EXPECT_EQ(requests[0].body, "one");
  EXPECT_EQ(requests[1].method, "POST");
  EXPECT_EQ(requests[1].body, "two");
  EXPECT_EQ(requests[1].header("Content-Length"), "3");
  EXPECT_EQ(requests[1].header("Content-Type"), "") << "none is made up";
  EXPECT_EQ(requests[2].method, "DELETE");
  EXPECT_EQ(requests[2].header("Content-Length"), "");
  EXPECT_EQ(requests[3].method, "PATCH");
  EXPECT_EQ(requests[3].body, "three");
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

constexpr std::string_view kRefusal = "HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 4\r\n\r\nnope";
constexpr std::string_view kStored = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nstored";

TEST_F(HttpUploadTest, StartsAgainWhenTheReusedConnectionDiesAsItIsWrittenTo) {
  std::promise<void> hang_up;
  std::promise<void> hung_up;
  RawServer server({[&](tcp::socket socket) {
                      read_head(socket);
                      answer(socket, kStored);
                      read_head(socket);
                      hang_up.get_future().wait();
                      socket.close();
                      hung_up.set_value();
                    },
                    [](tcp::socket socket) {
                      read_head(socket);
                      answer(socket, kStored);
                      drain(socket);
                    }});
  get(server.url());
  const std::string body(1 << 20, 'x');
  auto put = request(HttpMethod::put, server.url(), body);
  // The second piece is about to be written.
  put.on_sent = [&, calls = 0](std::size_t) mutable {
    if (++calls != 2) return;
    hang_up.set_value();
    hung_up.get_future().wait();
  };
  EXPECT_EQ(fetch(std::move(put)).text, "stored");
  client_.reset();
}

TEST_F(HttpUploadTest, ReturnsAnAnswerThatCameBeforeTheWholeBodyWasSent) {
  RawServer server({[](tcp::socket socket) {
    read_head(socket);
    answer(socket, kRefusal);
    drain(socket);
  }});
  const std::string body(64 << 20, 'x');
  const auto fetched = fetch(request(HttpMethod::put, server.url(), body));
  EXPECT_EQ(fetched.status, 403);
  EXPECT_EQ(fetched.text, "nope");
  client_.reset();
}

TEST_F(HttpUploadTest, MayBeTriedAgainWhenTheServerHangsUpInTheMiddleOfTheBody) {
  RawServer server({[](tcp::socket socket) {
    read_head(socket);
    answer(socket, kRefusal);
  }});
  const std::string body(64 << 20, 'x');
  // The reset connection takes the answer with it, unless it was read before.
  const auto failure = failure_of(testing::fetch_with(client(), request(HttpMethod::put, server.url(), body)));
  if (failure) EXPECT_TRUE(failure == FailureKind::connect || failure == FailureKind::truncated);
}

}  // namespace
}  // namespace creel

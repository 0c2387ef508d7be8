#include "net/http_transfer.h"

#include <gtest/gtest.h>

#include "base/failure.h"
#include "support/http_test.h"
#include "support/scripted_server.h"

namespace creel {
namespace {

using testing::Fetched;
using testing::ScriptedServer;
using testing::WireReply;
using testing::WireRequest;
using enum FailureKind;

using Then = WireReply::Then;

class HttpTransferTest : public testing::HttpTest {
 protected:
  /// What the client makes of an answer that comes over the wire exactly so.
  Fetched read(const std::string& bytes, Then then = Then::keep_open) {
    ScriptedServer server([&](const WireRequest&) { return WireReply{.bytes = bytes, .then = then}; });
    return get(server.url("/"));
  }

  std::optional<FailureKind> failure_to_read(const std::string& bytes, Then then = Then::close) {
    ScriptedServer server([&](const WireRequest&) { return WireReply{.bytes = bytes, .then = then}; });
    return failure_to_get(server.url("/"));
  }

  /// How many connections two requests need when the first is answered so.
  int connections_after(HttpMethod method, const std::string& bytes) {
    ScriptedServer server([&](const WireRequest& request) {
      return request.target == "/first" ? WireReply{.bytes = bytes} : WireReply::response(200, "second");
    });
    fetch(request(method, server.url("/first")));
    EXPECT_EQ(get(server.url("/second")).text, "second");
    return server.connections();
  }
};

TEST_F(HttpTransferTest, IgnoresInterimResponses) {
  const auto fetched = read(
      "HTTP/1.1 100 Continue\r\n\r\n"
      "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\nX-Early: 1\r\n\r\n"
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Late: 1\r\n\r\nok");
  EXPECT_EQ(fetched.status, 200);
  EXPECT_EQ(fetched.text, "ok");
  EXPECT_TRUE(fetched.headers.find("X-Late"));
  EXPECT_FALSE(fetched.headers.find("X-Early"));
}

TEST_F(HttpTransferTest, ReadsChunksAndIgnoresTrailers) {
  const auto fetched = read(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-After\r\n\r\n"
      "5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nX-After: 1\r\nContent-Length: 3\r\n\r\n");
  EXPECT_EQ(fetched.text, "hello world");
  EXPECT_FALSE(fetched.content_length);
  EXPECT_FALSE(fetched.headers.find("X-After"));
}

TEST_F(HttpTransferTest, ReadsAnAnswerWithoutALengthUntilTheConnectionCloses) {
  const auto fetched = read("HTTP/1.1 200 OK\r\n\r\nall of it", Then::close);
  EXPECT_EQ(fetched.text, "all of it");
  EXPECT_FALSE(fetched.content_length);
}

TEST_F(HttpTransferTest, ReadsAnAnswerInTheFirstVersionOfTheProtocol) {
  EXPECT_EQ(read("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", Then::close).text, "ok");
}

TEST_F(HttpTransferTest, KeepsTheHeadersAsTheyCame) {
  const auto fetched = read("HTTP/1.1 200\r\nX-A:  one \r\nx-a: two\r\nX-Empty:\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(fetched.status, 200);
  EXPECT_EQ(fetched.headers.find_all("X-A"), (std::vector<std::string_view>{"one", "two"}));
  EXPECT_EQ(fetched.headers.find("X-Empty"), "");
  EXPECT_EQ(fetched.content_length, 0U);
}

TEST_F(HttpTransferTest, RefusesMoreHeadersThanAServerNeeds) {
  std::string many = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n";
  for (int i = 0; i < 300; ++i) many += "X-Padding: " + std::string(1000, 'x') + "\r\n";
  EXPECT_EQ(failure_to_read(many + "\r\n"), server_error);
}

TEST_F(HttpTransferTest, RefusesAHeaderThatNeverEnds) {
  EXPECT_EQ(failure_to_read("HTTP/1.1 200 OK\r\nX-Padding: " + std::string(400'000, 'x') + "\r\n\r\n"), server_error);
}

TEST_F(HttpTransferTest, TakesABrokenChunkForAFault) {
  EXPECT_EQ(failure_to_read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n"), truncated);
  EXPECT_EQ(failure_to_read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel"), truncated);
}

TEST_F(HttpTransferTest, TakesABrokenCompressionForAFault) {
  EXPECT_EQ(failure_to_read("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 9\r\n\r\nno gzip!!"),
            truncated);
}

TEST_F(HttpTransferTest, KnowsTheLengthOfWhatAHeadRequestWouldGet) {
  ScriptedServer server(
      [](const WireRequest&) { return WireReply{.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"}; });
  const auto fetched = fetch(request(HttpMethod::head, server.url("/")));
  EXPECT_EQ(fetched.content_length, 1000U);
  EXPECT_EQ(fetched.text, "");
  EXPECT_EQ(server.requests().at(0).method, "HEAD");
}

TEST_F(HttpTransferTest, ReusesAConnectionAfterAnswersWithoutABody) {
  EXPECT_EQ(connections_after(HttpMethod::head, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"), 1);
  EXPECT_EQ(connections_after(HttpMethod::get, "HTTP/1.1 304 Not Modified\r\nContent-Length: 1000\r\n\r\n"), 1);
  EXPECT_EQ(connections_after(HttpMethod::get, "HTTP/1.1 204 No Content\r\n\r\n"), 1);
  EXPECT_EQ(connections_after(HttpMethod::delete_, "HTTP/1.1 204 No Content\r\n\r\n"), 1);
}

TEST_F(HttpTransferTest, OpensAnotherConnectionWhenTheServerWantsThisOneClosed) {
  EXPECT_EQ(connections_after(HttpMethod::get, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"),
            2);
}

Task<void> send_and_discard(HttpClient& client, HttpRequest request, std::size_t max_bytes) {
  auto response = co_await client.send(std::move(request));
  co_await response.discard(max_bytes);
}

TEST_F(HttpTransferTest, ReusesAConnectionAfterTheBodyWasDiscarded) {
  ScriptedServer server([](const WireRequest&) { return WireReply::response(404, std::string(200'000, 'x')); });
  testing::run(loop_, send_and_discard(client(), request(HttpMethod::get, server.url("/")), 300'000));
  get(server.url("/"));
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(HttpTransferTest, ClosesAConnectionWhoseBodyIsTooLongToDiscard) {
  ScriptedServer server([](const WireRequest&) { return WireReply::response(404, std::string(4'000'000, 'x')); });
  testing::run(loop_, send_and_discard(client(), request(HttpMethod::get, server.url("/")), 100'000));
  EXPECT_EQ(client().open_connections(), 0U);
  get(server.url("/"));
  EXPECT_EQ(server.connections(), 2);
}

Task<void> send_and_drop(HttpClient& client, HttpRequest request) {
  const auto response = co_await client.send(std::move(request));
  EXPECT_EQ(response.status(), 200);
}

TEST_F(HttpTransferTest, ClosesAConnectionWhenTheResponseIsDroppedMidway) {
  ScriptedServer server([](const WireRequest&) { return WireReply::response(200, std::string(4'000'000, 'x')); });
  testing::run(loop_, send_and_drop(client(), request(HttpMethod::get, server.url("/"))));
  EXPECT_EQ(client().open_connections(), 0U);
  EXPECT_EQ(get(server.url("/")).text.size(), 4'000'000U);
  EXPECT_EQ(server.connections(), 2);
}

Task<std::string> read_text_after_the_end(HttpClient& client, HttpRequest request) {
  auto response = co_await client.send(std::move(request));
  co_await response.read_text(100);
  co_return co_await response.read_text(100);
}

TEST_F(HttpTransferTest, HasNothingMoreToReadAfterTheEnd) {
  ScriptedServer server([](const WireRequest&) { return WireReply::response(200, "once"); });
  EXPECT_EQ(testing::run(loop_, read_text_after_the_end(client(), request(HttpMethod::get, server.url("/")))), "");
}

Task<std::string> read_at_most(HttpClient& client, HttpRequest request, std::size_t max_bytes) {
  auto response = co_await client.send(std::move(request));
  co_return co_await response.read_text(max_bytes);
}

TEST_F(HttpTransferTest, ReadsATextUpToItsLimitAndNoByteFurther) {
  ScriptedServer server([](const WireRequest&) { return WireReply::response(200, std::string(1000, 'x')); });
  const auto task = [&](std::size_t max_bytes) {
    return read_at_most(client(), request(HttpMethod::get, server.url("/")), max_bytes);
  };
  EXPECT_EQ(testing::run(loop_, task(1000)).size(), 1000U);
  EXPECT_EQ(failure_of(task(999)), too_large);
}

}  // namespace
}  // namespace creel

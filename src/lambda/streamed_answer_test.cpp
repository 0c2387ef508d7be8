#include "lambda/streamed_answer.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/system/system_error.hpp>
#include <gtest/gtest.h>

#include "support/run_task.h"

namespace creel::lambda {
namespace {

namespace asio = boost::asio;

TEST(StreamedAnswer, HasNotBegunIfTheServiceCannotBeReached) {
  asio::io_context loop;
  // Bound, so that nobody else has the port, but not listening.
  asio::ip::tcp::socket closed(loop, {asio::ip::address_v4::loopback(), 0});
  const Invocation invocation{.request_id = "request-1"};
  StreamedAnswer answer(loop, {.endpoint = closed.local_endpoint(), .host = "closed", .base_path = ""}, invocation);
  for (int i = 0; i < 2; ++i) {
    EXPECT_THROW(testing::run(loop, answer.write("text/plain", "hello")), boost::system::system_error);
    EXPECT_FALSE(answer.has_begun());
  }
}

TEST(Chunk, CarriesItsLength) {
  EXPECT_EQ(chunk("hello"), "5\r\nhello\r\n");
  EXPECT_EQ(chunk(std::string(255, 'x')), "ff\r\n" + std::string(255, 'x') + "\r\n");
}

TEST(Chunk, IsNothingForNoBytesSinceThatWouldEndTheBody) {
  EXPECT_EQ(chunk(""), "");
}

TEST(Base64, EncodesEveryLength) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foo"), "Zm9v");
  EXPECT_EQ(base64("foob"), "Zm9vYg==");
  EXPECT_EQ(base64(std::string("\xff\x00\xfe", 3)), "/wD+");
}

}  // namespace
}  // namespace creel::lambda

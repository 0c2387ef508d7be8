#include "lambda/streamed_answer.h"

#include <gtest/gtest.h>

namespace creel::lambda {
namespace {

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

#include "emulator/invocation.h"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "support/started.h"

namespace creel::emulator {
namespace {

class Stream : public ::testing::Test {
 protected:
  static Task<void> write_pieces(std::shared_ptr<AnswerStream> stream, int count) {
    stream->begin("text/plain");
    for (int i = 0; i < count; ++i) co_await stream->write(std::to_string(i) + ",");
    stream->end({.executed_version = "1"});
  }

  static Task<std::string> read_all(std::shared_ptr<AnswerStream> stream) {
    co_await stream->wait_for_begin();
    std::string all;
    for (auto piece = co_await stream->read(); piece; piece = co_await stream->read()) all += *piece;
    co_return all;
  }

  boost::asio::io_context loop_;
  std::shared_ptr<AnswerStream> stream_ = std::make_shared<AnswerStream>(loop_.get_executor());
};

TEST_F(Stream, CarriesPiecesAndThenTheResult) {
  creel::testing::Started<void> writer(loop_, write_pieces(stream_, 100));
  creel::testing::Started<std::string> reader(loop_, read_all(stream_));
  loop_.run();
  std::string expected;
  for (int i = 0; i < 100; ++i) expected += std::to_string(i) + ",";
  EXPECT_EQ(reader.value(), expected);
  EXPECT_EQ(stream_->result().executed_version, "1");
  EXPECT_EQ(stream_->content_type(), "text/plain");
}

TEST_F(Stream, MakesAFastWriterWait) {
  creel::testing::Started<void> writer(loop_, write_pieces(stream_, 1000));
  loop_.poll();
  EXPECT_FALSE(writer.done());
  creel::testing::Started<std::string> reader(loop_, read_all(stream_));
  loop_.restart();
  loop_.run();
  EXPECT_TRUE(writer.succeeded());
}

TEST_F(Stream, LetsTheWriterGoOnWhenTheReaderHasGone) {
  creel::testing::Started<void> writer(loop_, write_pieces(stream_, 1000));
  loop_.poll();
  {
    const AnswerReader reader(stream_);
  }
  loop_.restart();
  loop_.run();
  EXPECT_TRUE(writer.succeeded());
}

TEST_F(Stream, EndsWithoutABeginning) {
  creel::testing::Started<std::string> reader(loop_, read_all(stream_));
  loop_.poll();
  stream_->end({.function_error = "Unhandled"});
  loop_.restart();
  loop_.run();
  EXPECT_EQ(reader.value(), "");
  EXPECT_FALSE(stream_->has_begun());
}

}  // namespace
}  // namespace creel::emulator

#include <gtest/gtest.h>

#include "creel/lambda.h"

namespace creel::lambda {
namespace {

class KeepingSink final : public ResponseStream::Sink {
 public:
  Task<void> write(std::string type, std::string bytes) override {
    write_blocking(type, bytes);
    co_return;
  }
  void write_blocking(const std::string& type, std::string_view bytes) override {
    content_type = type;
    written += bytes;
    ++writes;
  }

  std::string content_type;
  std::string written;
  int writes = 0;
};

TEST(ResponseStream, PassesBytesOn) {
  KeepingSink sink;
  ResponseStream stream(sink);
  EXPECT_FALSE(stream.started());
  stream.write_blocking("one");
  run_to_end(stream.write("two"));
  EXPECT_TRUE(stream.started());
  EXPECT_EQ(sink.written, "onetwo");
  EXPECT_EQ(sink.content_type, "application/octet-stream");
}

TEST(ResponseStream, SendsTheHttpHeadBeforeTheBytes) {
  KeepingSink sink;
  ResponseStream stream(sink);
  stream.set_http_head({.status = 201, .headers = {{"Content-Type", "image/png"}}, .cookies = {"a=1"}});
  stream.write_blocking("one");
  stream.write_blocking("two");
  EXPECT_EQ(sink.content_type, "application/vnd.awslambda.http-integration-response");
  EXPECT_EQ(sink.written, R"({"statusCode":201,"headers":{"Content-Type":"image/png"},"cookies":["a=1"]})" +
                              std::string(8, '\0') + "onetwo");
}

TEST(ResponseStream, SendsTheHeadOfAnEmptyResponseAtItsEnd) {
  KeepingSink sink;
  ResponseStream stream(sink);
  stream.set_http_head({.status = 204});
  run_to_end(stream.finish());
  EXPECT_EQ(sink.written, R"({"statusCode":204,"headers":{},"cookies":[]})" + std::string(8, '\0'));
  run_to_end(stream.finish());
  EXPECT_EQ(sink.writes, 1);
}

TEST(ResponseStream, TakesNoHeadAfterTheFirstWrite) {
  ResponseStream stream;
  stream.write_blocking("one");
  EXPECT_THROW(stream.set_http_head({}), std::logic_error);
  EXPECT_THROW(stream.set_content_type("text/plain"), std::logic_error);
}

TEST(ResponseStream, TakesNoContentTypeOfSeveralLines) {
  ResponseStream stream;
  EXPECT_THROW(stream.set_content_type("a\r\nX: y"), std::invalid_argument);
  stream.set_content_type("text/plain");
  EXPECT_EQ(stream.content_type(), "text/plain");
}

TEST(ResponseStream, KeepsEverythingInMemoryForTests) {
  ResponseStream stream;
  stream.set_http_head({.status = 404});
  stream.write_blocking("none");
  EXPECT_EQ(stream.written(), "none");
  EXPECT_EQ(stream.http_head()->status, 404);
}

}  // namespace
}  // namespace creel::lambda

#include "lambda/log.h"

#include <thread>

#include <gtest/gtest.h>

namespace creel::lambda {
namespace {

using std::chrono::milliseconds;

const std::chrono::system_clock::time_point kNoon(milliseconds(1'767'268'800'123));

class LogTest : public testing::Test {
 protected:
  // What `work` writes to standard error.
  template <class Work>
  static std::string written_by(Work work) {
    testing::internal::CaptureStderr();
    work();
    return testing::internal::GetCapturedStderr();
  }

  void TearDown() override { configure_log(LogFormat::text, LogLevel::info); }

  Context context_{Invocation{.request_id = "request-1"}};
};

TEST_F(LogTest, WritesTimeRequestLevelAndMessage) {
  EXPECT_EQ(log_lines(LogFormat::text, LogLevel::info, "done", "request-1", kNoon),
            "2026-01-01T12:00:00.123Z\trequest-1\tINFO\tdone");
  EXPECT_EQ(log_lines(LogFormat::text, LogLevel::warn, "done", "", kNoon), "2026-01-01T12:00:00.123Z\t-\tWARN\tdone");
}

TEST_F(LogTest, PutsTheRequestIntoEveryLineOfAText) {
  EXPECT_EQ(log_lines(LogFormat::text, LogLevel::error, "one\ntwo\n", "r", kNoon),
            "2026-01-01T12:00:00.123Z\tr\tERROR\tone\n2026-01-01T12:00:00.123Z\tr\tERROR\ttwo");
}

TEST_F(LogTest, WritesJsonOnOneLine) {
  EXPECT_EQ(log_lines(LogFormat::json, LogLevel::fatal, "a \"b\"\nc", "r", kNoon),
            R"({"timestamp":"2026-01-01T12:00:00.123Z","level":"FATAL","requestId":"r","message":"a \"b\"\nc"})");
  EXPECT_EQ(log_lines(LogFormat::json, LogLevel::info, "x", "", kNoon),
            R"({"timestamp":"2026-01-01T12:00:00.123Z","level":"INFO","message":"x"})");
}

TEST_F(LogTest, DropsWhatIsBelowTheLevel) {
  configure_log(LogFormat::text, LogLevel::warn);
  EXPECT_FALSE(log_enabled(LogLevel::info));
  EXPECT_TRUE(log_enabled(LogLevel::error));
  EXPECT_EQ(written_by([&] { log(LogLevel::info, "quiet", context_); }), "");
  EXPECT_NE(written_by([&] { log(LogLevel::warn, "loud", context_); }).find("\trequest-1\tWARN\tloud\n"),
            std::string::npos);
}

TEST_F(LogTest, TakesTheRequestOfTheOnlyInvocationWhereThereIsNoContext) {
  set_only_request_id("only-1");
  EXPECT_NE(written_by([] { log(LogLevel::info, "x"); }).find("\tonly-1\t"), std::string::npos);
  set_only_request_id("");
  EXPECT_NE(written_by([] { log(LogLevel::info, "x"); }).find("\t-\t"), std::string::npos);
}

TEST_F(LogTest, TakesTheRequestOfTheThreadsInvocationFirst) {
  const auto text = written_by([] {
    const ThreadLogScope here("here-1");
    log(LogLevel::info, "x");
    std::thread([] { log(LogLevel::info, "y"); }).join();
  });
  EXPECT_NE(text.find("\there-1\tINFO\tx\n"), std::string::npos);
  EXPECT_NE(text.find("\t-\tINFO\ty\n"), std::string::npos);
}

}  // namespace
}  // namespace creel::lambda

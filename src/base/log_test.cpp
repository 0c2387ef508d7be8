#include "base/log.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "base/failure.h"

namespace creel {
namespace {

namespace json = boost::json;

/// What one message makes the log write on standard error.
std::string written(LogFormat format, std::string_view message) {
  ::testing::internal::CaptureStderr();
  make_log(format, "info")->warn("{}", message);
  return ::testing::internal::GetCapturedStderr();
}

/// The message as a reader of the JSON log gets it.
std::string message_read(std::string_view message) {
  const auto line = written(LogFormat::json, message);
  EXPECT_EQ(line.find('\n'), line.size() - 1) << "one line a message";
  boost::system::error_code error;
  const auto value = json::parse(line, error);
  EXPECT_FALSE(error) << line;
  return error ? "" : std::string(value.at("message").as_string());
}

TEST(Log, WritesALineOfJsonWithTimeLevelAndMessage) {
  const auto value = json::parse(written(LogFormat::json, "hello"));
  EXPECT_EQ(value.at("level").as_string(), "warning");
  EXPECT_EQ(value.at("message").as_string(), "hello");
  const std::string time(value.at("time").as_string());
  ASSERT_EQ(time.size(), std::string_view("2030-01-01T00:00:00.000Z").size());
  EXPECT_EQ(time[10], 'T');
  EXPECT_EQ(time.back(), 'Z');
}

TEST(Log, KeepsAnyTextWholeInJson) {
  using namespace std::string_view_literals;
  for (const auto text : {""sv, R"("quoted" \ back/slash)"sv, "a\nb\r\tc\b\f"sv, "\0\x01\x1f\x7f"sv, "ü日𝄞\uFFFD"sv,
                          "{} %v %J {\"a\":1}"sv}) {
    EXPECT_EQ(message_read(text), text);
  }
}

TEST(Log, ReplacesBytesThatAreNoTextInJson) {
  using namespace std::string_view_literals;
  const struct {
    std::string_view bytes;
    std::string_view text;
  } cases[] = {
      {"a\xff"
       "b"sv,
       "a\uFFFDb"},                                        // no byte of UTF-8
      {"\x80"sv, "\uFFFD"},                                // a continuation of nothing
      {"\xc3"sv, "\uFFFD"},                                // cut off at the end
      {"\xc3\"x"sv, "\uFFFD\"x"},                          // cut off before a quote
      {"\xc0\xaf"sv, "\uFFFD\uFFFD"},                      // overlong
      {"\xe0\x80\x80"sv, "\uFFFD\uFFFD\uFFFD"},            // overlong
      {"\xed\xa0\x80"sv, "\uFFFD\uFFFD\uFFFD"},            // a surrogate
      {"\xf4\x90\x80\x80"sv, "\uFFFD\uFFFD\uFFFD\uFFFD"},  // beyond U+10FFFF
      {"\xf0\x9d\x84"sv, "\uFFFD\uFFFD\uFFFD"},            // the last byte missing
  };
  for (const auto& [bytes, text] : cases) EXPECT_EQ(message_read(bytes), text);
}

TEST(Log, WritesTextAsItIs) {
  const auto line = written(LogFormat::text, "all \"well\"");
  EXPECT_TRUE(line.ends_with(" warning: all \"well\"\n")) << line;
}

TEST(Log, DropsWhatIsBelowItsLevel) {
  ::testing::internal::CaptureStderr();
  make_log(LogFormat::text, "warn")->info("quiet");
  make_log(LogFormat::text, "off")->error("quiet");
  make_log(LogFormat::text, "error")->error("loud");
  EXPECT_TRUE(::testing::internal::GetCapturedStderr().ends_with(" error: loud\n"));
}

TEST(Log, TakesEveryLevelThatItsMessageNames) {
  for (const auto* level : {"trace", "debug", "info", "warn", "error", "off"})
    EXPECT_NO_THROW(make_log(LogFormat::json, level)) << level;
}

TEST(Log, RefusesAnUnknownLevel) {
  for (const auto* level : {"", "loud", "INFO"}) {
    try {
      make_log(LogFormat::text, level);
      ADD_FAILURE() << level;
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.kind(), FailureKind::bad_request);
      EXPECT_EQ(std::string(failure.what()),
                std::string("unknown log level '") + level + "': use trace, debug, info, warn, error or off");
    }
  }
}

TEST(Log, IsSilentForTestsAndEmbedders) {
  ::testing::internal::CaptureStderr();
  silent_log()->critical("nobody hears this");
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace creel

#include "base/log_output.h"

#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/failure.h"

namespace creel {
namespace {

namespace fs = std::filesystem;

class LogOutputTest : public ::testing::Test {
 protected:
  LogOutputTest() { fs::create_directories(folder_); }
  ~LogOutputTest() override { fs::remove_all(folder_); }

  fs::path path(std::string_view name) const { return folder_ / name; }

  static std::string content(const fs::path& file) {
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
  }

 private:
  fs::path folder_ = fs::path(::testing::TempDir()) /
                     (std::string("creel-log-") + ::testing::UnitTest::GetInstance()->current_test_info()->name());
};

TEST_F(LogOutputTest, WritesEachLineIntoTheFileAtOnce) {
  const auto log = make_log(LogFormat::text, "info", LogOutput{.file = path("creel.log")});
  log->info("one");
  log->debug("not this");
  EXPECT_THAT(content(path("creel.log")), ::testing::EndsWith(" info: one\n"));
}

TEST_F(LogOutputTest, PutsFullFilesAsideAndKeepsAFew) {
  const auto log =
      make_log(LogFormat::text, "info", LogOutput{.file = path("creel.log"), .max_file_bytes = 200, .kept_files = 2});
  for (int i = 0; i < 40; ++i) log->info("line {}", i);
  EXPECT_TRUE(fs::exists(path("creel.1.log")));
  EXPECT_TRUE(fs::exists(path("creel.2.log")));
  EXPECT_FALSE(fs::exists(path("creel.3.log")));
  EXPECT_LE(fs::file_size(path("creel.log")), 200U);
  EXPECT_THAT(content(path("creel.log")), ::testing::EndsWith("line 39\n"));
}

TEST_F(LogOutputTest, WritesToStandardOutput) {
  ::testing::internal::CaptureStdout();
  make_log(LogFormat::json, "info", LogOutput{.stream = LogOutput::Stream::standard_output})->info("hello");
  EXPECT_THAT(::testing::internal::GetCapturedStdout(), ::testing::HasSubstr(R"("message":"hello"})"));
}

TEST_F(LogOutputTest, RefusesAFileThatCannotBeWritten) {
  try {
    make_log(LogFormat::text, "info", LogOutput{.file = "/dev/null/creel.log"});
    FAIL() << "nothing was thrown";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.kind(), FailureKind::bad_request);
    EXPECT_THAT(failure.what(), ::testing::HasSubstr("/dev/null/creel.log"));
  }
}

}  // namespace
}  // namespace creel

#include "emulator/function_process.h"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/failure.h"

namespace creel::emulator {
namespace {

using ::testing::HasSubstr;

/// Programs that are shell scripts, and what becomes of them.
class Process : public ::testing::Test {
 protected:
  Process() {
    auto name = (std::filesystem::temp_directory_path() / "creel-process-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~Process() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path script(const std::string& text) const {
    const auto path = folder_ / "bootstrap";
    std::ofstream(path) << "#!/bin/sh\n" << text << "\n";
    std::filesystem::permissions(path, std::filesystem::perms::all);
    return path;
  }

  std::unique_ptr<FunctionProcess> start(ProcessPlan plan) {
    plan.folder = folder_;
    return std::make_unique<FunctionProcess>(
        loop_.get_executor(), plan,
        FunctionProcess::Events{.on_output = [this](std::string_view piece) { output_ += piece; },
                                .on_exit = [this](int status) { status_ = status; }});
  }

  void run(const std::string& text) {
    const auto process = start({.programs = {script(text)}, .environment = {"COLOUR=red"}});
    while (!status_ && loop_.run_one() > 0) continue;
  }

  std::filesystem::path folder_;
  boost::asio::io_context loop_;
  std::string output_;
  std::optional<int> status_;
};

TEST_F(Process, GivesWhatItWritesAndHowItEnds) {
  run("echo out; echo err >&2; exit 3");
  EXPECT_EQ(output_, "out\nerr\n");
  EXPECT_EQ(exit_reason(*status_), "exit status 3");
}

TEST_F(Process, HasItsEnvironmentAndFolderAndNoOther) {
  run("pwd; echo $COLOUR$HOME$USER");
  EXPECT_EQ(output_, folder_.string() + "\nred\n");
  EXPECT_EQ(exit_reason(*status_), "");
}

TEST_F(Process, NamesTheSignalThatEndedIt) {
  run("kill -SEGV $$");
  EXPECT_EQ(exit_reason(*status_), "signal: segmentation fault");
}

TEST_F(Process, IsKilledWithAllThatItStarted) {
  const auto process = start({.programs = {script("sleep 600 & echo $!; wait")}});
  while (output_.find('\n') == std::string::npos && loop_.run_one() > 0) continue;
  const int child = std::stoi(output_);
  EXPECT_GT(process->update_memory(), 0U);
  process->kill();
  while (!status_ && loop_.run_one() > 0) continue;
  EXPECT_EQ(exit_reason(*status_), "signal: killed");
  // Ended or about to be: a killed process runs no more of its own code.
  std::ifstream stat(fmt::format("/proc/{}/stat", child));
  std::string text;
  std::getline(stat, text);
  EXPECT_TRUE(text.empty() || text.find(") Z") != std::string::npos || text.find(") X") != std::string::npos ||
              text.find(") R") != std::string::npos || text.find(") S") != std::string::npos);
}

TEST_F(Process, SaysWhyItCannotBeStarted) {
  const auto message = [&](const std::vector<std::filesystem::path>& programs) -> std::string {
    try {
      start({.programs = programs});
    } catch (const Failure& failure) {
      return failure.what();
    }
    return "";
  };
  EXPECT_EQ(message({folder_ / "a", folder_ / "b"}),
            fmt::format("Couldn't find valid bootstrap(s): [{0}/a {0}/b]", folder_.string()));
  const auto file = script("");
  std::filesystem::permissions(file, std::filesystem::perms::owner_read);
  EXPECT_THAT(message({file}), HasSubstr("permission denied"));
}

}  // namespace
}  // namespace creel::emulator

#include "aws/process.h"

#include <chrono>

#include <gtest/gtest.h>

#include "base/failure.h"

namespace creel::aws {
namespace {

FailureKind kind_of_failure(const std::vector<std::string>& words, const ProcessLimits& limits = {}) {
  try {
    run_process(words, limits);
  } catch (const Failure& failure) {
    return failure.kind();
  }
  return FailureKind::internal;
}

TEST(RunProcess, ReturnsWhatTheProgramWrites) {
  EXPECT_EQ(run_process({"printf", "%s|", "a b", "$HOME"}, {}), "a b|$HOME|");
}

TEST(RunProcess, GivesTheProgramNothingToRead) {
  EXPECT_EQ(run_process({"cat"}, {}), "");
}

TEST(RunProcess, RefusesOutputOfAProgramThatFailed) {
  EXPECT_EQ(kind_of_failure({"sh", "-c", "echo good; exit 3"}), FailureKind::bad_auth);
  EXPECT_EQ(kind_of_failure({"sh", "-c", "kill -9 $$"}), FailureKind::bad_auth);
  EXPECT_EQ(kind_of_failure({"/no/such/program"}), FailureKind::bad_auth);
}

TEST(RunProcess, RefusesMoreOutputThanAllowed) {
  EXPECT_EQ(kind_of_failure({"head", "-c", "2000", "/dev/zero"}, {.max_output_bytes = 1000}), FailureKind::bad_auth);
}

TEST(RunProcess, KillsWhatTakesTooLongWithAllThatItStarted) {
  const auto start = std::chrono::steady_clock::now();
  const ProcessLimits limits{.timeout = std::chrono::milliseconds(50)};
  EXPECT_EQ(kind_of_failure({"sh", "-c", "sleep 60 & sleep 60"}, limits), FailureKind::timeout);
  EXPECT_EQ(kind_of_failure({"sh", "-c", "exec >&-; sleep 60"}, limits), FailureKind::timeout);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
}

}  // namespace
}  // namespace creel::aws

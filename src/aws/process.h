#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace creel::aws {

struct ProcessLimits {
  std::chrono::milliseconds timeout{60'000};
  std::size_t max_output_bytes = 64 * 1024;
};

/// Runs a program, found on the PATH, and returns what it writes to its
/// standard output. It reads nothing and shares our standard error. It blocks,
/// so call it from a thread that may. A program that takes too long is killed
/// with the processes it has started.
/// @throws Failure timeout | bad_auth (it could not be started, did not end
/// with 0, or wrote too much)
std::string run_process(const std::vector<std::string>& words, const ProcessLimits& limits);

}  // namespace creel::aws

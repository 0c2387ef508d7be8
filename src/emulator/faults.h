#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace creel::emulator {

/// What is to go wrong, for tests. A count N means every Nth invocation.
struct FaultPlan {
  std::size_t cold_start_every = 0;
  std::size_t throttle_every = 0;
  std::size_t kill_response_every = 0;
  std::size_t duplicate_every = 0;
  std::chrono::milliseconds delay{};
};

/// What goes wrong with one invocation.
struct InvocationFaults {
  /// It gets an environment of its own.
  bool cold_start = false;
  /// It is refused.
  bool throttle = false;
  /// The caller's connection is cut in the middle of the answer.
  bool kill_response = false;
  /// The function gets it twice.
  bool duplicate = false;
  /// Before the function gets it.
  std::chrono::milliseconds delay{};
};

/// Adds one fault to a plan: "cold-start", "throttle", "kill-response" or "duplicate", each with or without "=N", or
/// "delay=100ms".
/// @throws Failure bad_request
void add_fault(FaultPlan& plan, std::string_view text);

/// Decides for one invocation after another. Threads: one.
class Faults {
 public:
  explicit Faults(FaultPlan plan = {}) : plan_(plan) {}

  /// @param wanted  faults of this invocation alone, from its header X-Creel-Fault: as for `add_fault`, with commas
  ///                between them
  /// @throws Failure bad_request  for words that are no fault
  InvocationFaults next(std::string_view wanted);

 private:
  FaultPlan plan_;
  std::size_t count_ = 0;
};

}  // namespace creel::emulator

#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/task.h"

namespace creel {

struct JqLimits {
  std::chrono::milliseconds wall_time{10'000};
  std::chrono::seconds cpu_time{5};
  /// For the program itself and its values, beside what a parsed input of that size takes.
  std::size_t memory_bytes = std::size_t{256} * 1024 * 1024;
  std::size_t output_bytes = std::size_t{8} * 1024 * 1024;
  std::size_t results = 20'000;
};

/// A jq program and what it works on.
struct JqJob {
  std::string program;
  /// JSON.
  std::string input;
  /// A JSON object: its members are the program's variables.
  std::string variables = "{}";
  JqLimits limits{};
};

/// Runs jq programs, which strangers may have written, each in a child process of its own that can read and write
/// nothing but what it is handed, and is limited in time, memory and output (docs/decisions/0013-jq-in-a-child.md).
/// Immutable. Threads: any.
class JqRunner {
 public:
  /// @param program_path  an executable that calls `run_jq_filter` when its first argument is "jq-filter"
  /// @param at_a_time  programs that run at once; others wait in line
  explicit JqRunner(std::string program_path, std::size_t at_a_time = 2);
  ~JqRunner();

  /// The results, each in one line of JSON. When the caller is cancelled, the child is killed at once.
  /// @throws Failure bad_request  the input is no JSON, the program fails or goes over a limit, with the reason
  ///                 internal  no child can be started
  Task<std::vector<std::string>> run(JqJob job) const;

  /// Why `program` does not compile with variables of those names (a JSON object), if it does not. Blocks for some
  /// 20 ms, at most for the limit on time; remembers programs that do compile.
  /// @throws Failure internal
  std::optional<std::string> compile_error(const std::string& program, const std::string& variables = "{}") const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace creel

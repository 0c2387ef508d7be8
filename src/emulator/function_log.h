#pragma once

#include <string>
#include <string_view>

namespace creel::emulator {

/// Where the functions' logs go: standard error, whole lines, with the function's name before each on a terminal.
/// Threads: one.
class FunctionLog {
 public:
  /// @param fd  where to write; not closed. -1 drops all
  explicit FunctionLog(int fd);

  /// Writes whole lines.
  void write(std::string_view function_name, std::string_view lines) const;

 private:
  int fd_;
  bool is_terminal_;
};

/// Makes lines of what arrives in pieces. Threads: one.
class LineBuffer {
 public:
  /// The lines that are whole now.
  std::string add(std::string_view piece);
  /// The line that has begun, with an end; empty if none has.
  std::string flush();

 private:
  std::string begun_;
};

}  // namespace creel::emulator

#include "emulator/function_log.h"

#include <unistd.h>
#include <utility>

#include <fmt/format.h>

namespace creel::emulator {
namespace {

/// A line that never ends is given out at this length.
constexpr std::size_t kMaxLineBytes = 256UL * 1024;

void write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const auto count = ::write(fd, text.data(), text.size());
    if (count <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
}

}  // namespace

FunctionLog::FunctionLog(int fd) : fd_(fd), is_terminal_(fd >= 0 && ::isatty(fd) == 1) {}

void FunctionLog::write(std::string_view function_name, std::string_view lines) const {
  if (fd_ < 0 || lines.empty()) return;
  if (!is_terminal_) {
    write_all(fd_, lines);
    return;
  }
  std::string text;
  while (!lines.empty()) {
    const auto end = lines.find('\n');
    const auto line = lines.substr(0, end);
    fmt::format_to(std::back_inserter(text), "\x1b[36m{}\x1b[0m {}\n", function_name, line);
    lines.remove_prefix(end == std::string_view::npos ? lines.size() : end + 1);
  }
  write_all(fd_, text);
}

std::string LineBuffer::add(std::string_view piece) {
  const auto end = piece.rfind('\n');
  if (end == std::string_view::npos) {
    begun_ += piece;
    return begun_.size() > kMaxLineBytes ? flush() : std::string();
  }
  auto lines = std::exchange(begun_, std::string(piece.substr(end + 1)));
  lines += piece.substr(0, end + 1);
  return lines;
}

std::string LineBuffer::flush() {
  if (begun_.empty()) return {};
  return std::exchange(begun_, {}) + "\n";
}

}  // namespace creel::emulator

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace creel::emulator {

using Milliseconds = std::chrono::duration<double, std::milli>;

/// What the last line of an invocation tells.
struct InvocationReport {
  std::string_view request_id;
  Milliseconds duration{};
  /// Only where the invocation waited for the start.
  std::optional<Milliseconds> init_duration{};
  int memory_mb = 0;
  std::uint64_t max_memory_bytes = 0;
  /// "timeout" or "error"; empty if all went well.
  std::string_view status{};
  std::string_view error_type{};
};

/// "START RequestId: ... Version: $LATEST", with a line end, as all of these.
std::string start_line(std::string_view request_id, std::string_view version);
std::string end_line(std::string_view request_id);
std::string report_line(const InvocationReport& report);

/// For a start that failed before an invocation.
std::string init_report_line(Milliseconds duration, std::string_view status, std::string_view error_type);

/// Whole milliseconds, up: of the invocation and the start before it.
std::uint64_t billed_milliseconds(Milliseconds duration, std::optional<Milliseconds> init_duration);

/// The log of one invocation, of which callers get the end.
class LogTail {
 public:
  static constexpr std::size_t kBytes = 4096;

  void append(std::string_view text);
  /// The last 4 KiB, or less.
  std::string_view text() const {
    return std::string_view(text_).substr(text_.size() - std::min(text_.size(), kBytes));
  }

 private:
  std::string text_;
};

}  // namespace creel::emulator

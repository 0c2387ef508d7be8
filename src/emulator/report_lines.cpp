#include "emulator/report_lines.h"

#include <cmath>

#include <fmt/format.h>

namespace creel::emulator {
namespace {

constexpr double kMegabyte = 1024.0 * 1024.0;

}  // namespace

std::string start_line(std::string_view request_id, std::string_view version) {
  return fmt::format("START RequestId: {} Version: {}\n", request_id, version);
}

std::string end_line(std::string_view request_id) {
  return fmt::format("END RequestId: {}\n", request_id);
}

std::uint64_t billed_milliseconds(Milliseconds duration, std::optional<Milliseconds> init_duration) {
  const auto total = duration + init_duration.value_or(Milliseconds{});
  return static_cast<std::uint64_t>(std::max(1.0, std::ceil(total.count())));
}

std::string report_line(const InvocationReport& report) {
  auto line = fmt::format(
      "REPORT RequestId: {}\tDuration: {:.2f} ms\tBilled Duration: {} ms\tMemory Size: {} MB\tMax Memory Used: {} MB\t",
      report.request_id, report.duration.count(), billed_milliseconds(report.duration, report.init_duration),
      report.memory_mb,
      static_cast<std::uint64_t>(std::ceil(static_cast<double>(report.max_memory_bytes) / kMegabyte)));
  if (report.init_duration) line += fmt::format("Init Duration: {:.2f} ms\t", report.init_duration->count());
  if (!report.status.empty()) line += fmt::format("Status: {}\t", report.status);
  if (!report.error_type.empty()) line += fmt::format("Error Type: {}\t", report.error_type);
  return line + "\n";
}

std::string init_report_line(Milliseconds duration, std::string_view status, std::string_view error_type) {
  auto line = fmt::format("INIT_REPORT Init Duration: {:.2f} ms\tPhase: init\tStatus: {}", duration.count(), status);
  if (!error_type.empty()) line += fmt::format("\tError Type: {}", error_type);
  return line + "\n";
}

void LogTail::append(std::string_view text) {
  text_ += text;
  if (text_.size() > 4 * kBytes) text_.erase(0, text_.size() - kBytes);
}

}  // namespace creel::emulator

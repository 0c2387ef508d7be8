#include "cli/summary.h"

#include <fmt/format.h>

#include "base/units.h"

namespace creel {
namespace {

std::string failed_line(const Tally& tally) {
  if (tally.failed_before() == 0) return fmt::format("{:<10} {:>10}\n", "failed", tally.failed());
  return fmt::format("{:<10} {:>10}   {} of them in an earlier run: --retry-failed tries them again\n", "failed",
                     tally.failed(), tally.failed_before());
}

double per_second(std::uint64_t count, std::chrono::duration<double> took) {
  return took.count() > 0 ? static_cast<double>(count) / took.count() : 0;
}

}  // namespace

std::string summary_json(const Tally& tally, std::chrono::duration<double> took) {
  std::string failures;
  for (const auto& [kind, count] : tally.failures()) {
    failures += fmt::format(R"({}"{}":{})", failures.empty() ? "" : ",", to_string(kind), count);
  }
  return fmt::format(
      R"({{"total":{},"stored":{},"already":{},"failed":{},"bytes":{},"seconds":{:.3f},"images_per_second":{:.3f},)"
      R"("failures":{{{}}}}})",
      tally.total(), tally.stored(), tally.already(), tally.failed(), tally.stored_bytes(), took.count(),
      per_second(tally.stored(), took), failures);
}

std::string summary_table(const Tally& tally, std::chrono::duration<double> took, const std::string& destination) {
  std::string text = fmt::format("{:<10} {:>10}\n", "images", tally.total());
  text += fmt::format("{:<10} {:>10}   {}, {:.1f} images/s, in {}\n", "stored", tally.stored(),
                      format_bytes(tally.stored_bytes()), per_second(tally.stored(), took), destination);
  text += fmt::format("{:<10} {:>10}\n", "already", tally.already());
  text += failed_line(tally);
  for (const auto& [kind, count] : tally.failures()) text += fmt::format("  {:<18} {:>10}\n", to_string(kind), count);
  if (const auto left = tally.total() - tally.done(); left > 0) {
    text += fmt::format("{:<10} {:>10}   run the same command again to go on\n", "left", left);
  }
  text += fmt::format("{:<10} {:>9.1f}s\n", "time", took.count());
  return text;
}

std::string dry_run_table(const Tally& tally, const std::vector<WaitingHost>& hosts, const std::string& destination) {
  std::string text = fmt::format("{:<12} {:>10}\n", "images", tally.total());
  text += fmt::format("{:<12} {:>10}   to {}\n", "would fetch", tally.total() - tally.done(), destination);
  text += fmt::format("{:<12} {:>10}\n", "already", tally.already());
  text += fmt::format("{:<12} {:>10}\n", "failed", tally.failed());
  for (const auto& [kind, count] : tally.failures()) text += fmt::format("  {:<18} {:>10}\n", to_string(kind), count);
  if (!hosts.empty()) text += "hosts with the most to fetch\n";
  for (const auto& [host, images] : hosts) text += fmt::format("  {:<40} {:>10}\n", host, images);
  return text;
}

}  // namespace creel

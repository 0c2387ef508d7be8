#include "cli/progress.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <fmt/format.h>

#include "base/units.h"

namespace creel {
namespace {

/// How long a change of speed takes to show.
constexpr double kMemorySeconds = 5;
constexpr std::size_t kShownKinds = 3;

std::string failures_text(const Tally& tally) {
  std::vector<std::pair<std::uint64_t, FailureKind>> kinds;
  for (const auto& [kind, count] : tally.failures()) kinds.emplace_back(count, kind);
  std::ranges::sort(kinds, std::ranges::greater{});
  std::string text;
  for (std::size_t i = 0; i < std::min(kShownKinds, kinds.size()); ++i) {
    text += fmt::format("{}{} {}", i == 0 ? "" : ", ", kinds[i].first, to_string(kinds[i].second));
  }
  if (kinds.size() > kShownKinds) text += ", ...";
  return text;
}

}  // namespace

std::string Progress::line(const ProgressFacts& facts, SteadyTime now) {
  const auto& tally = facts.tally;
  const double elapsed = std::chrono::duration<double>(now - last_time_).count();
  if (elapsed > 0) {
    // The mean so far while that is young, then one that forgets.
    const double age = std::chrono::duration<double>(now - started_).count();
    const double weight = std::max(1 - std::exp(-elapsed / kMemorySeconds), elapsed / age);
    const auto follow = [&](double& rate, std::uint64_t count, std::uint64_t& last) {
      rate += weight * (static_cast<double>(count - last) / elapsed - rate);
      last = count;
    };
    follow(images_per_second_, tally.done(), last_done_);
    follow(bytes_per_second_, facts.sent_bytes, last_bytes_);
    last_time_ = now;
  }

  auto text = facts.total_is_known ? fmt::format("{}/{}", tally.done(), tally.total())
                                   : fmt::format("{}/{}+", tally.done(), tally.total());
  text += fmt::format("  {:.1f} images/s  {}/s  {} in flight", images_per_second_,
                      format_bytes(static_cast<std::uint64_t>(std::max(0.0, bytes_per_second_))), facts.in_flight);
  if (tally.failed() > 0) text += fmt::format("  {} failed ({})", tally.failed(), failures_text(tally));
  if (facts.total_is_known && images_per_second_ > 0.01 && tally.total() > tally.done()) {
    const auto left = static_cast<double>(tally.total() - tally.done()) / images_per_second_;
    text += fmt::format("  {} left", format_duration(std::chrono::seconds(static_cast<std::int64_t>(left) + 1)));
  }
  return text;
}

}  // namespace creel

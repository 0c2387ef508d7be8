#include "api/recent_rates.h"

namespace creel {
namespace {

SystemTime beginning(SystemTime now) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch());
  return SystemTime(whole - whole % RecentRates::kStep);
}

}  // namespace

void RecentRates::add_stored(std::uint64_t bytes, SystemTime now) {
  const std::lock_guard lock(mutex_);
  auto& step = step_of(now);
  ++step.stored;
  step.bytes += bytes;
}

void RecentRates::add_failed(SystemTime now) {
  const std::lock_guard lock(mutex_);
  ++step_of(now).failed;
}

/// A clock that was put back adds to the last step.
RecentRates::Step& RecentRates::step_of(SystemTime now) {
  const auto at = beginning(now);
  if (steps_.empty() || steps_.back().at < at) steps_.push_back({.at = at});
  if (steps_.size() > kSteps + 1) steps_.pop_front();
  return steps_.back();
}

std::vector<RecentRates::Step> RecentRates::steps(SystemTime now) const {
  const auto end = beginning(now);
  std::vector<Step> all;
  all.reserve(kSteps);
  for (std::size_t i = kSteps; i > 0; --i) all.push_back({.at = end - kStep * i});
  const std::lock_guard lock(mutex_);
  for (const auto& step : steps_) {
    if (step.at < all.front().at || step.at >= end) continue;
    all[static_cast<std::size_t>((step.at - all.front().at) / kStep)] = step;
  }
  return all;
}

}  // namespace creel

#include "store/adaptive_limit.h"

#include <algorithm>

namespace creel {
namespace {

constexpr std::chrono::seconds kBetweenHalvings{1};

}  // namespace

AdaptiveLimit::AdaptiveLimit(std::size_t maximum, const Clock& clock)
    : maximum_(static_cast<double>(std::max<std::size_t>(maximum, 1))),
      clock_(clock),
      places_(std::max<std::size_t>(maximum, 1)),
      limit_(maximum_),
      next_halving_(SteadyTime::min()) {}

void AdaptiveLimit::on_success() {
  const std::scoped_lock lock(mutex_);
  if (limit_ < maximum_) set_limit(limit_ + 1 / limit_);
}

void AdaptiveLimit::on_throttled() {
  const std::scoped_lock lock(mutex_);
  const auto now = clock_.steady_now();
  if (now < next_halving_) return;
  next_halving_ = now + kBetweenHalvings;
  set_limit(limit_ / 2);
}

void AdaptiveLimit::set_limit(double limit) {
  const auto places_before = static_cast<std::size_t>(limit_);
  limit_ = std::clamp(limit, 1.0, maximum_);
  const auto places = static_cast<std::size_t>(limit_);
  if (places != places_before) places_.set_capacity(places);
}

}  // namespace creel

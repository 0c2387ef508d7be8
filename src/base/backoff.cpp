#include "base/backoff.h"

#include <algorithm>
#include <random>

namespace creel {

Random system_random() {
  return [] {
    thread_local std::mt19937_64 generator(std::random_device{}());
    return std::uniform_real_distribution<double>(0.0, 1.0)(generator);
  };
}

std::chrono::milliseconds Backoff::wait(int attempt, const Random& random,
                                        std::optional<std::chrono::seconds> retry_after) const {
  const int doublings = std::clamp(attempt - 1, 0, 30);
  const auto ceiling = std::min<std::int64_t>(cap.count(), base.count() << doublings);
  const std::chrono::milliseconds jittered(static_cast<std::int64_t>(static_cast<double>(ceiling) * random()));
  return retry_after ? std::max(jittered, std::chrono::milliseconds(*retry_after)) : jittered;
}

}  // namespace creel

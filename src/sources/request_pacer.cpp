#include "sources/request_pacer.h"

#include <algorithm>
#include <chrono>

namespace creel {

SteadyTime RequestPacer::reserve(SteadyTime& next, double per_minute, SteadyTime now) {
  // Slower than one a day is as good as never.
  constexpr std::chrono::duration<double> kLongest(24 * 3600);
  const std::chrono::duration<double> distance(60 / per_minute);
  const auto start = std::max(next, now);
  next = start + std::chrono::duration_cast<SteadyTime::duration>(std::min(distance, kLongest));
  return start;
}

SteadyTime RequestPacer::reserve(SourceId source, double per_minute, SteadyTime now) {
  if (next_.size() >= next_tidying_) {
    std::erase_if(next_, [now](const auto& entry) { return entry.second <= now; });
    next_tidying_ = std::max<std::size_t>(1024, 2 * next_.size());
  }
  return reserve(next_[source], per_minute, now);
}

}  // namespace creel

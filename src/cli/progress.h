#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "cli/tally.h"

namespace creel {

/// What the progress line is made from.
struct ProgressFacts {
  const Tally& tally;
  /// The lists have been read to their end, so the total is known.
  bool total_is_known = false;
  std::size_t in_flight = 0;
  std::uint64_t sent_bytes = 0;
};

/// Turns counts into a line about them, with rates over the last seconds. Threads: the main loop.
class Progress {
 public:
  explicit Progress(SteadyTime now) : started_(now), last_time_(now) {}

  /// "1200/20000  310.5 images/s  27.9 MB/s  256 in flight  3 failed (2 not_found, 1 timeout)  1m 01s left"
  std::string line(const ProgressFacts& facts, SteadyTime now);

 private:
  SteadyTime started_;
  SteadyTime last_time_;
  std::uint64_t last_done_ = 0;
  std::uint64_t last_bytes_ = 0;
  double images_per_second_ = 0;
  double bytes_per_second_ = 0;
};

}  // namespace creel

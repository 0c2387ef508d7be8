#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <vector>

#include "base/clock.h"

namespace creel {

/// How many images came to an end in the last minutes, so that whoever begins to look sees what went before.
/// Threads: any.
class RecentRates {
 public:
  static constexpr std::chrono::seconds kStep{5};
  static constexpr std::size_t kSteps = 60;

  /// What happened within one step.
  struct Step {
    /// Its beginning; a whole number of steps since 1970.
    SystemTime at;
    std::uint64_t stored = 0;
    std::uint64_t failed = 0;
    std::uint64_t bytes = 0;
  };

  void add_stored(std::uint64_t bytes, SystemTime now);
  void add_failed(SystemTime now);

  /// The last `kSteps` steps, the oldest first, without the one that is not over yet.
  std::vector<Step> steps(SystemTime now) const;

 private:
  Step& step_of(SystemTime now);

  mutable std::mutex mutex_;
  /// Steps in which something happened, in order. Guarded by the mutex.
  std::deque<Step> steps_;
};

}  // namespace creel

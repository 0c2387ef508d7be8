#pragma once

#include <cstddef>
#include <mutex>

#include "base/clock.h"
#include "base/semaphore.h"
#include "base/task.h"

namespace creel {

/// How many puts may be on their way at a time, as the store bears it: each success adds 1/limit, so that the
/// limit grows by one when all places were used once, and a throttled put halves it, at most once a second.
/// It starts at its maximum and never falls below one. Threads: any; shared by the stores of all event loops.
class AdaptiveLimit {
 public:
  /// @param clock  must outlive it
  AdaptiveLimit(std::size_t maximum, const Clock& clock);

  /// Waits for a place, in order of arrival. The permit must not outlive the limit.
  Task<Semaphore::Permit> acquire() { return places_.acquire(); }

  void on_success();
  void on_throttled();

  std::size_t limit() const { return places_.capacity(); }
  std::size_t in_use() const { return places_.in_use(); }

 private:
  void set_limit(double limit);

  const double maximum_;
  const Clock& clock_;
  Semaphore places_;

  std::mutex mutex_;
  double limit_;
  SteadyTime next_halving_;
};

}  // namespace creel

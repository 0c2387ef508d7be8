#pragma once

#include <chrono>

namespace creel {

using SystemTime = std::chrono::system_clock::time_point;
using SteadyTime = std::chrono::steady_clock::time_point;

/// Where the time comes from; passed in, so that tests can set it. Threads: any.
class Clock {
 public:
  virtual ~Clock() = default;

  /// The time of day, for records, signatures and schedules.
  virtual SystemTime now() const = 0;

  /// Time that only goes forward, for durations and deadlines.
  virtual SteadyTime steady_now() const = 0;
};

/// The machine's clock.
class SystemClock final : public Clock {
 public:
  SystemTime now() const override { return std::chrono::system_clock::now(); }
  SteadyTime steady_now() const override { return std::chrono::steady_clock::now(); }
};

/// A clock that stands still until it is told to go on; for tests. Threads: one.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(SystemTime start) : now_(start) {}

  SystemTime now() const override { return now_; }
  SteadyTime steady_now() const override { return steady_; }

  void advance(std::chrono::nanoseconds by) {
    now_ += std::chrono::duration_cast<SystemTime::duration>(by);
    steady_ += std::chrono::duration_cast<SteadyTime::duration>(by);
  }

 private:
  SystemTime now_;
  SteadyTime steady_{};
};

}  // namespace creel

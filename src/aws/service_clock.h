#pragma once

#include <chrono>
#include <optional>

#include "base/clock.h"

namespace creel::aws {

/// The time by a service's clock, as far as the service has told it: a signature is good only near that time.
/// Threads: one.
class ServiceClock {
 public:
  /// @param clock  ours, which must outlive this one
  explicit ServiceClock(const Clock& clock) : clock_(clock) {}

  SystemTime now() const { return clock_.now() + offset_; }

  /// How far the service's clock is ahead of ours: zero until it has told.
  std::chrono::seconds offset() const { return offset_; }

  /// Learns from a refusal. Returns true if a request that was signed by `signed_offset` fits the time now known, and
  /// is worth sending again.
  /// @param date  of the refusal, if it says
  bool correct(std::chrono::seconds signed_offset, std::optional<SystemTime> date);

 private:
  const Clock& clock_;
  std::chrono::seconds offset_{0};
};

}  // namespace creel::aws

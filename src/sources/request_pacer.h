#pragma once

#include <optional>
#include <unordered_map>

#include "base/clock.h"
#include "catalog/image_repository.h"

namespace creel {

/// Keeps the requests of each source apart, over all its polls. It has no effects: times are told to it. Threads: one
/// at a time.
class RequestPacer {
 public:
  /// When a request of the source may start: now, or later if the last one was too short a time ago. The next one is to
  /// follow a minute's share after it.
  /// @param per_minute  requests a minute, more than 0
  SteadyTime reserve(SourceId source, double per_minute, SteadyTime now);

  /// The same for who keeps the time of the next request himself.
  static SteadyTime reserve(SteadyTime& next, double per_minute, SteadyTime now);

  void forget(SourceId source) { next_.erase(source); }

 private:
  /// When the next request may start.
  std::unordered_map<SourceId, SteadyTime> next_;
  std::size_t next_tidying_ = 1024;
};

}  // namespace creel

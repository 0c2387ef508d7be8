#pragma once

#include <chrono>

#include "base/clock.h"

namespace creel {

/// A time as the catalog keeps it: whole milliseconds since 1970-01-01 UTC, the last that is not after
/// `time`.
inline long long persisted(SystemTime time) {
  return std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

/// The first persisted time that is not before `time`, for what must not happen earlier.
inline long long persisted_not_before(SystemTime time) {
  return std::chrono::ceil<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

inline SystemTime from_persisted(long long milliseconds) {
  return SystemTime(std::chrono::milliseconds(milliseconds));
}

}  // namespace creel

#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>

#include "aws/environment.h"
#include "base/clock.h"
#include "cli/api_client.h"

namespace creel {

/// Follows a backend's events, to tell when it is worth asking for more. Threads: `wait` on one; it has one of its own.
class EventWatch {
 public:
  /// @param environment, clock  must outlive it
  EventWatch(ApiTarget target, const aws::Environment& environment, const Clock& clock);
  /// Waits until the backend has ended the stream.
  ~EventWatch();
  EventWatch(const EventWatch&) = delete;
  EventWatch& operator=(const EventWatch&) = delete;

  /// Waits until something has happened since the last call, or so long has passed.
  /// @return  false once nothing will come any more
  bool wait(std::chrono::milliseconds longest);

  /// True if the stream has ended, or does within so long.
  bool ends_within(std::chrono::milliseconds longest);

 private:
  void follow(const ApiTarget& target, const aws::Environment& environment, const Clock& clock);

  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by the mutex.
  bool has_happened_ = false;
  bool has_ended_ = false;
  std::thread thread_;
};

}  // namespace creel

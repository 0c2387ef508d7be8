#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>

#include "base/backoff.h"
#include "base/clock.h"
#include "base/task.h"
#include "net/http_headers.h"

namespace creel::aws {

/// Tokens for retries, shared by all clients of one service in the process:
/// while failures are widespread they run out, and calls fail at once rather
/// than add to the load. Threads: any. Source:
/// https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
/// ("standard" mode)
class RetryQuota {
 public:
  explicit RetryQuota(int capacity = 500) : capacity_(capacity), tokens_(capacity) {}

  bool take(int tokens);
  void give(int tokens);
  int tokens() const;

 private:
  mutable std::mutex mutex_;
  const int capacity_;
  int tokens_;
};

enum class RetryReason : std::uint8_t { transient, throttled };

struct RetryOptions {
  // What it does.
  /// All tries of one call, the first included.
  int max_attempts = 5;

  // How fast.
  Backoff transient{.base = std::chrono::milliseconds(50), .cap = std::chrono::milliseconds(20'000)};
  Backoff throttled{.base = std::chrono::milliseconds(1'000), .cap = std::chrono::milliseconds(20'000)};
};

/// The tries of one call. Threads: its own event loop.
class RetryRun {
 public:
  /// `quota` and `random` must outlive it.
  RetryRun(RetryOptions options, RetryQuota& quota, const Random& random)
      : options_(options), quota_(quota), random_(random) {}

  /// After a failed try: how long to wait before the next, or nothing if there
  /// is to be none.
  /// @param asked  what the service asked us to wait at least
  std::optional<std::chrono::milliseconds> next_wait(RetryReason reason,
                                                     std::optional<std::chrono::milliseconds> asked);

  /// After the try that succeeded.
  void succeeded();

 private:
  RetryOptions options_;
  RetryQuota& quota_;
  const Random& random_;
  int failed_ = 0;
  int last_cost_ = 0;
};

/// What the headers of an answer say: x-amz-retry-after, in milliseconds, or
/// Retry-After.
std::optional<std::chrono::milliseconds> asked_wait(const HttpHeaders& headers, SystemTime now);

/// Waits; cancelling the coroutine ends it with an exception.
Task<void> sleep_for(std::chrono::milliseconds wait);

}  // namespace creel::aws

#pragma once

#include <chrono>
#include <functional>
#include <optional>

namespace creel {

/// A number from 0 to 1, 1 excluded; passed in so that tests can choose it.
using Random = std::function<double()>;

/// Seeded by the system; one generator a thread.
Random system_random();

/// How long to wait before trying again: exponential with a cap and full jitter
/// (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
struct Backoff {
  std::chrono::milliseconds base{500};
  std::chrono::milliseconds cap{30'000};

  /// A wait drawn evenly from 0 to min(cap, base * 2^(attempt-1)); never less than what the peer asked for.
  /// @param attempt  the number of tries that have failed, from 1
  std::chrono::milliseconds wait(int attempt, const Random& random,
                                 std::optional<std::chrono::seconds> retry_after = std::nullopt) const;
};

}  // namespace creel

#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>

#include "base/semaphore.h"
#include "base/task.h"

namespace creel {

/// The bytes that all bodies together may hold. A transfer reserves its length before it reads, and waits its turn.
///
/// One that does not know its length takes a small ticket and lets it grow once, to all that it may need. The last
/// `kLargestTicket` bytes are kept for growing: one grower can always go on to its end, so transfers that all want more
/// never wait for each other for ever. Threads: any.
class ByteBudget {
 public:
  /// What one transfer may hold at most; larger images flow through in parts of this size.
  static constexpr std::size_t kLargestTicket = 8 * 1024 * 1024;
  static constexpr std::size_t kSmallestCapacity = 2 * kLargestTicket;

  using Ticket = Semaphore::Permit;

  /// @param capacity_bytes  raised to `kSmallestCapacity` if it is less
  explicit ByteBudget(std::size_t capacity_bytes)
      : bytes_(std::max(capacity_bytes, kSmallestCapacity), kLargestTicket) {}

  /// Waits for `bytes`, at most `kLargestTicket`, in order of arrival.
  Task<Ticket> reserve(std::size_t bytes) { return bytes_.acquire(bytes); }

  /// The same without waiting: nothing if others wait, or so much is not free.
  std::optional<Ticket> try_reserve(std::size_t bytes) { return bytes_.try_acquire(bytes); }

  /// Waits until `ticket` covers `bytes`, at most `kLargestTicket`.
  Task<void> grow(Ticket& ticket, std::size_t bytes) { return bytes_.grow(ticket, bytes); }

  std::size_t capacity_bytes() const { return bytes_.capacity(); }
  std::size_t used_bytes() const { return bytes_.in_use(); }
  std::size_t peak_bytes() const { return bytes_.peak(); }

 private:
  Semaphore bytes_;
};

}  // namespace creel

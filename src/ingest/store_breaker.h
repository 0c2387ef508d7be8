#pragma once

#include <cstddef>
#include <optional>

#include "base/backoff.h"
#include "base/clock.h"
#include "base/failure.h"

namespace creel {

struct StoreBreakerOptions {
  std::size_t concurrency = 256;
  /// So many failures of the store in a row, and it counts as away.
  int failures_before_pause = 3;
  Backoff pause{.base = std::chrono::seconds(1), .cap = std::chrono::seconds(60)};
};

/// Holds a job that never ends back while its store, or what carries out its work, is away: nothing is tried during a
/// pause, and one image at a time after it, until one is stored. Without it every image that comes by would use up its
/// tries. It has no effects: times are told to it. Threads: the ingest loop.
class StoreBreaker {
 public:
  StoreBreaker(StoreBreakerOptions options, Random random) : options_(options), random_(std::move(random)) {}

  enum class Verdict : std::uint8_t {
    /// The failure is none of the store's, or is its first: it counts as a try of the image.
    counts,
    /// The store is away: the image is not to blame.
    is_away,
  };

  /// Takes note of how a transfer ended.
  /// @param failure     null if the image was stored
  /// @param started_at  when it began: a failure that began before the last pause says nothing new
  Verdict finished(const Failure* failure, SystemTime started_at, SystemTime now);

  /// Nothing can be carried out at all, for now.
  void unusable(const Failure& failure, SystemTime started_at, SystemTime now);

  /// How many transfers may be under way.
  std::size_t limit(SystemTime now) const;

  /// When a pause ends, if one is on.
  std::optional<SystemTime> paused_until(SystemTime now) const;

  /// Why the store counts as away; nothing if it does not.
  const std::optional<Failure>& trouble() const { return trouble_; }

 private:
  void pause(const Failure& failure, SystemTime started_at, SystemTime now);

  StoreBreakerOptions options_;
  Random random_;
  int failures_ = 0;
  int pauses_ = 0;
  SystemTime paused_until_{};
  std::optional<Failure> trouble_;
};

}  // namespace creel

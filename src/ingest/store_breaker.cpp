#include "ingest/store_breaker.h"

#include <algorithm>

namespace creel {
namespace {

bool is_of_the_store(FailureKind kind) {
  return kind == FailureKind::store_denied || kind == FailureKind::store_throttled || kind == FailureKind::store_error;
}

}  // namespace

StoreBreaker::Verdict StoreBreaker::finished(const Failure* failure, SystemTime started_at, SystemTime now) {
  if (failure == nullptr) {
    failures_ = 0;
    pauses_ = 0;
    trouble_.reset();
    return Verdict::counts;
  }
  if (!is_of_the_store(failure->kind())) return Verdict::counts;
  ++failures_;
  // A store that refuses us refuses the next image as well.
  if (failure->kind() == FailureKind::store_denied || failures_ >= options_.failures_before_pause) {
    pause(*failure, started_at, now);
  }
  return trouble_ ? Verdict::is_away : Verdict::counts;
}

void StoreBreaker::unusable(const Failure& failure, SystemTime started_at, SystemTime now) {
  pause(failure, started_at, now);
}

void StoreBreaker::pause(const Failure& failure, SystemTime started_at, SystemTime now) {
  trouble_ = failure;
  if (started_at < paused_until_) return;
  ++pauses_;
  // Never much less than the whole wait: a store that has just come back is not to be met by everything at once.
  const auto wait = options_.pause.wait(pauses_, random_, failure.retry_after());
  paused_until_ = now + std::max(wait, options_.pause.base);
}

std::size_t StoreBreaker::limit(SystemTime now) const {
  if (!trouble_) return options_.concurrency;
  return paused_until_ > now ? 0 : 1;
}

std::optional<SystemTime> StoreBreaker::paused_until(SystemTime now) const {
  if (!trouble_ || paused_until_ <= now) return std::nullopt;
  return paused_until_;
}

}  // namespace creel

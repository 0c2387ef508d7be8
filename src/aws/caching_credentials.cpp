#include "aws/caching_credentials.h"

#include "base/failure.h"

namespace creel::aws {

Task<Credentials> CachingCredentials::get() {
  if (should_renew()) co_await renew();
  if (!current_ || expires_within(std::chrono::seconds(0))) {
    throw last_failure_.value_or(Failure(FailureKind::bad_auth, "the AWS credentials have expired or were refused"));
  }
  co_return *current_;
}

void CachingCredentials::refuse(const Credentials& refused) {
  if (current_ == refused) current_.reset();
}

bool CachingCredentials::should_renew() const {
  if (!current_ || expires_within(std::chrono::seconds(0))) return true;
  if (!expires_within(kRenewBefore) || clock_.now() < next_try_) return false;
  const bool somebody_is_at_it = renewing_.in_use() > 0;
  return expires_within(kMustRenewBefore) || !somebody_is_at_it;
}

bool CachingCredentials::expires_within(std::chrono::seconds span) const {
  return current_->expires_at && *current_->expires_at - clock_.now() <= span;
}

Task<void> CachingCredentials::renew() {
  const auto tries_before = tries_;
  const auto turn = co_await renewing_.acquire();
  if (tries_ == tries_before) co_await renew_once();
}

/// Leaves the outcome in `current_` and `last_failure_`.
Task<void> CachingCredentials::renew_once() {
  try {
    current_ = co_await source_->get();
    last_failure_.reset();
  } catch (const Failure& failure) {
    last_failure_ = failure;
    if (current_) log_->warn("AWS credentials could not be renewed: {}", failure.what());
  }
  next_try_ = clock_.now() + kTryAgainAfter;
  ++tries_;
}

}  // namespace creel::aws

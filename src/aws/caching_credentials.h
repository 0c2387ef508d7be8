#pragma once

#include <memory>
#include <optional>

#include "aws/credentials.h"
#include "base/failure.h"
#include "base/log.h"
#include "base/semaphore.h"

namespace creel::aws {

/// Keeps credentials and renews them in time: from five minutes before they
/// expire one caller at a time tries, while the others go on with the old ones;
/// in the last minute all wait for it. If renewing fails, the old ones are used
/// as long as they are valid. All who wait share one try and its outcome.
/// Threads: its own event loop.
class CachingCredentials final : public CredentialsProvider {
 public:
  static constexpr std::chrono::minutes kRenewBefore{5};
  static constexpr std::chrono::minutes kMustRenewBefore{1};
  /// Between two tries while the old credentials are still valid.
  static constexpr std::chrono::seconds kTryAgainAfter{10};

  /// @param clock  must outlive it
  CachingCredentials(std::unique_ptr<CredentialsProvider> source, const Clock& clock, Log log)
      : source_(std::move(source)), clock_(clock), log_(std::move(log)) {}

  Task<Credentials> get() override;
  void refuse(const Credentials& refused) override;

 private:
  bool expires_within(std::chrono::seconds span) const;
  bool should_renew() const;
  Task<void> renew();
  Task<void> renew_once();

  std::unique_ptr<CredentialsProvider> source_;
  const Clock& clock_;
  Log log_;
  std::optional<Credentials> current_;
  Semaphore renewing_{1};
  /// Counts finished tries, so that one who waited for a try knows that he has
  /// its outcome.
  std::uint64_t tries_ = 0;
  std::optional<Failure> last_failure_;
  SystemTime next_try_{};
};

}  // namespace creel::aws

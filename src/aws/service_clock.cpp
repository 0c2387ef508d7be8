#include "aws/service_clock.h"

namespace creel::aws {
namespace {

/// Signatures are good for five minutes to both sides, and for fifteen at S3; below this it is not the clock that is
/// wrong.
constexpr std::chrono::minutes kTolerableSkew{4};

}  // namespace

bool ServiceClock::correct(std::chrono::seconds signed_offset, std::optional<SystemTime> date) {
  // Other calls that were under way may have learned since this one was signed.
  if (signed_offset != offset_) return true;
  if (!date) return false;
  const auto skew = std::chrono::floor<std::chrono::seconds>(*date - now());
  if (std::chrono::abs(skew) < kTolerableSkew) return false;
  offset_ += skew;
  return true;
}

}  // namespace creel::aws

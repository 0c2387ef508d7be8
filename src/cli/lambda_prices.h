#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "deploy/lambda_runtime.h"

namespace creel {

using deploy::Architecture;

/// What one region charges, in US dollars and without taxes. Immutable.
struct LambdaPrices {
  std::string_view region;
  double x86_64_per_gb_second;
  double arm64_per_gb_second;
  double per_million_requests;
  /// S3 Standard: PUT, COPY, POST and LIST.
  double per_thousand_puts;

  double per_gb_second(Architecture architecture) const {
    return architecture == Architecture::arm64 ? arm64_per_gb_second : x86_64_per_gb_second;
  }
};

/// When the table was last compared with what AWS says: "2025-10-01".
std::string_view lambda_prices_date();

/// The regions that are known.
std::span<const LambdaPrices> lambda_prices();

/// Nothing for a region that the table does not have.
std::optional<LambdaPrices> lambda_prices(std::string_view region);

}  // namespace creel

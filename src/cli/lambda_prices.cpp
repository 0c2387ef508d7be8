#include "cli/lambda_prices.h"

#include <algorithm>

namespace creel {
namespace {

/// Sources: https://aws.amazon.com/lambda/pricing/ (on demand, the first tier) and https://aws.amazon.com/s3/pricing/
/// (requests to S3 Standard). Whoever changes a price changes the date.
constexpr std::string_view kDate = "2025-10-01";
constexpr LambdaPrices kPrices[] = {
    {"us-east-1", 0.0000166667, 0.0000133334, 0.20, 0.0050},    {"us-east-2", 0.0000166667, 0.0000133334, 0.20, 0.0050},
    {"us-west-2", 0.0000166667, 0.0000133334, 0.20, 0.0050},    {"eu-west-1", 0.0000166667, 0.0000133334, 0.20, 0.0050},
    {"eu-central-1", 0.0000166667, 0.0000133334, 0.20, 0.0054},
};

}  // namespace

std::string_view lambda_prices_date() {
  return kDate;
}

std::span<const LambdaPrices> lambda_prices() {
  return kPrices;
}

std::optional<LambdaPrices> lambda_prices(std::string_view region) {
  const auto* found = std::ranges::find(kPrices, region, &LambdaPrices::region);
  return found == std::end(kPrices) ? std::nullopt : std::optional(*found);
}

}  // namespace creel

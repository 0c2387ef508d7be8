#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "cli/lambda_prices.h"

namespace creel {

/// A job that goes through Lambda.
struct EstimateInput {
  std::uint64_t images = 0;
  std::uint64_t mean_bytes = 90'000;
  /// From asking an origin until its image has begun to come, in the mean.
  std::chrono::milliseconds latency{300};
  /// The same for a put into the bucket.
  std::chrono::milliseconds store_latency{30};
  std::uint64_t memory_bytes = std::uint64_t{256} * 1024 * 1024;
  std::size_t batch = 32;
  std::size_t in_flight = 75;
  Architecture architecture = Architecture::x86_64;
  LambdaPrices prices{};
};

/// What the job takes with batches of one size.
struct Estimate {
  std::size_t batch = 1;
  std::uint64_t invocations = 0;
  /// Of one invocation, as it is billed.
  std::chrono::milliseconds duration{0};
  double gb_seconds = 0;
  std::uint64_t puts = 0;
  double compute_price = 0;
  double request_price = 0;
  double put_price = 0;
  /// How long the job takes, if `in_flight` invocations are always under way.
  std::chrono::seconds time{0};

  double price() const { return compute_price + request_price + put_price; }
};

/// Reckons with
///
///     invocations = images / batch
///     duration    = latency x H(batch) x turns + store latency + batch x (work + transfer)
///     GB-seconds  = invocations x duration x memory / 1 GiB
///
/// H(n) = 1 + 1/2 + ... + 1/n: a batch takes as long as its slowest image, and of n latencies that are spread
/// exponentially around their mean the largest is H(n) means. `turns` is how often a batch is more than goes at a time:
/// 256 images, or what the function has memory for. `work` is 0.3 ms and 4 ms a MB of a whole processor, of which a
/// function has one for each 1,769 MiB; `transfer` is in and out at 75 MB a second.
/// @param batch  instead of the input's
Estimate estimate(const EstimateInput& input, std::size_t batch);

/// Both ways side by side, for people.
std::string estimate_table(const EstimateInput& input, const Estimate& single, const Estimate& batched);

/// {"prices": {...}, "single": {...}, "batched": {...}}
std::string estimate_json(const EstimateInput& input, const Estimate& single, const Estimate& batched);

}  // namespace creel

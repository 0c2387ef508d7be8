#include "cli/estimate.h"

#include <algorithm>
#include <cmath>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "base/units.h"
#include "functions/function_services.h"
#include "functions/store_request_json.h"

namespace creel {
namespace json = boost::json;
namespace {

constexpr double kGibibyte = 1024.0 * 1024 * 1024;
constexpr double kProcessorBytes = 1769.0 * 1024 * 1024;
constexpr double kWorkSeconds = 0.0003;
constexpr double kWorkSecondsPerByte = 0.004 / 1e6;
constexpr double kBytesPerSecond = 75e6;
/// Larger images go in parts of this size, with one request to begin and one to end.
constexpr std::uint64_t kPartBytes = 8 * 1024 * 1024;

double seconds(std::chrono::milliseconds time) {
  return std::chrono::duration<double>(time).count();
}

/// 1 + 1/2 + ... + 1/n
double harmonic(std::size_t n) {
  double sum = 0;
  for (std::size_t i = 1; i <= n; ++i) sum += 1 / static_cast<double>(i);
  return sum;
}

std::size_t turns(const EstimateInput& input, std::size_t batch) {
  const auto held = std::clamp<std::uint64_t>(input.mean_bytes, 1, kPartBytes);
  const auto fits = std::max<std::size_t>(1, image_memory(input.memory_bytes) / held);
  const auto at_a_time = std::min({batch, fits, kMaxBatchConcurrency});
  return (batch + at_a_time - 1) / at_a_time;
}

std::uint64_t puts_of_one(std::uint64_t bytes) {
  return bytes <= kPartBytes ? 1 : (bytes + kPartBytes - 1) / kPartBytes + 2;
}

std::string with_commas(std::uint64_t number) {
  auto text = std::to_string(number);
  for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > 0; at -= 3)
    text.insert(static_cast<std::size_t>(at), ",");
  return text;
}

std::string dollars(double price) {
  return fmt::format("${:.2f}", price);
}

json::object to_json(const Estimate& one) {
  return {{"batch", one.batch},
          {"invocations", one.invocations},
          {"duration_ms", one.duration.count()},
          {"gb_seconds", one.gb_seconds},
          {"puts", one.puts},
          {"compute_price", one.compute_price},
          {"request_price", one.request_price},
          {"put_price", one.put_price},
          {"price", one.price()},
          {"seconds", one.time.count()}};
}

}  // namespace

Estimate estimate(const EstimateInput& input, std::size_t batch) {
  const auto bytes = static_cast<double>(input.mean_bytes);
  const auto count = static_cast<double>(batch);
  const auto processors = std::min(6.0, static_cast<double>(input.memory_bytes) / kProcessorBytes);
  const auto work = (kWorkSeconds + kWorkSecondsPerByte * bytes) / processors;
  const auto transfer = 2 * bytes / kBytesPerSecond;
  const auto in_a_turn = std::max<std::size_t>(1, batch / turns(input, batch));
  const auto waiting = seconds(input.latency) * harmonic(in_a_turn) * static_cast<double>(turns(input, batch));
  const auto duration = waiting + seconds(input.store_latency) + count * (work + transfer);

  Estimate result{.batch = batch, .invocations = (input.images + batch - 1) / batch};
  result.duration = std::chrono::milliseconds(static_cast<std::int64_t>(std::ceil(duration * 1000)));
  const auto all = static_cast<double>(result.invocations) * seconds(result.duration);
  result.gb_seconds = all * static_cast<double>(input.memory_bytes) / kGibibyte;
  result.puts = input.images * puts_of_one(input.mean_bytes);
  result.compute_price = result.gb_seconds * input.prices.per_gb_second(input.architecture);
  result.request_price = static_cast<double>(result.invocations) / 1e6 * input.prices.per_million_requests;
  result.put_price = static_cast<double>(result.puts) / 1e3 * input.prices.per_thousand_puts;
  const auto at_a_time = std::min<std::uint64_t>(input.in_flight, std::max<std::uint64_t>(1, result.invocations));
  result.time = std::chrono::seconds(static_cast<std::int64_t>(std::ceil(all / static_cast<double>(at_a_time))));
  return result;
}

std::string estimate_table(const EstimateInput& input, const Estimate& single, const Estimate& batched) {
  std::string text =
      fmt::format("{} images of {}, {} ms from the origin, function with {} MB ({})\n\n", with_commas(input.images),
                  format_bytes(input.mean_bytes), input.latency.count(), input.memory_bytes / (1024 * 1024),
                  input.architecture == Architecture::arm64 ? "arm64" : "x86_64");
  const auto row = [&text](std::string_view name, const std::string& one, const std::string& many) {
    text += fmt::format("{:<24} {:>16} {:>16}\n", name, one, many);
  };
  row("batch", std::to_string(single.batch), std::to_string(batched.batch));
  row("invocations", with_commas(single.invocations), with_commas(batched.invocations));
  row("seconds each", fmt::format("{:.3f}", seconds(single.duration)),
      fmt::format("{:.3f}", seconds(batched.duration)));
  row("GB-seconds", fmt::format("{:.0f}", single.gb_seconds), fmt::format("{:.0f}", batched.gb_seconds));
  row("puts into S3", with_commas(single.puts), with_commas(batched.puts));
  row("price of GB-seconds", dollars(single.compute_price), dollars(batched.compute_price));
  row("price of invocations", dollars(single.request_price), dollars(batched.request_price));
  row("price of puts", dollars(single.put_price), dollars(batched.put_price));
  row("price in all", dollars(single.price()), dollars(batched.price()));
  row(fmt::format("time, {} in flight", input.in_flight), format_duration(single.time), format_duration(batched.time));
  text += fmt::format("\nPrices of {} of {}, without the free tier, taxes, storage and traffic.\n", input.prices.region,
                      lambda_prices_date());
  return text;
}

std::string estimate_json(const EstimateInput& input, const Estimate& single, const Estimate& batched) {
  const json::object all{{"images", input.images},
                         {"mean_bytes", input.mean_bytes},
                         {"latency_ms", input.latency.count()},
                         {"memory_mb", input.memory_bytes / (1024 * 1024)},
                         {"architecture", input.architecture == Architecture::arm64 ? "arm64" : "x86_64"},
                         {"prices",
                          {{"region", input.prices.region},
                           {"date", lambda_prices_date()},
                           {"currency", "USD"},
                           {"per_gb_second", input.prices.per_gb_second(input.architecture)},
                           {"per_million_requests", input.prices.per_million_requests},
                           {"per_thousand_puts", input.prices.per_thousand_puts}}},
                         {"single", to_json(single)},
                         {"batched", to_json(batched)}};
  return json::serialize(all);
}

}  // namespace creel

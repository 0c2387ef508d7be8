#include "aws/retry.h"

#include <algorithm>
#include <charconv>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "net/http_status.h"

namespace creel::aws {
namespace asio = boost::asio;
namespace {

constexpr int kTransientCost = 14;
constexpr int kThrottledCost = 5;
constexpr int kGainWithoutRetry = 1;

/// However long the service asks for, one wait is not longer than this beyond
/// our own.
constexpr std::chrono::seconds kMostAdded{30};

}  // namespace

bool RetryQuota::take(int tokens) {
  const std::scoped_lock lock(mutex_);
  if (tokens > tokens_) return false;
  tokens_ -= tokens;
  return true;
}

void RetryQuota::give(int tokens) {
  const std::scoped_lock lock(mutex_);
  tokens_ = std::min(capacity_, tokens_ + tokens);
}

int RetryQuota::tokens() const {
  const std::scoped_lock lock(mutex_);
  return tokens_;
}

std::optional<std::chrono::milliseconds> RetryRun::next_wait(RetryReason reason,
                                                             std::optional<std::chrono::milliseconds> asked) {
  ++failed_;
  if (failed_ >= options_.max_attempts) return std::nullopt;
  const int cost = reason == RetryReason::transient ? kTransientCost : kThrottledCost;
  if (!quota_.take(cost)) return std::nullopt;
  last_cost_ = cost;

  const auto& backoff = reason == RetryReason::transient ? options_.transient : options_.throttled;
  const auto own = backoff.wait(failed_, random_);
  if (!asked) return own;
  return std::clamp<std::chrono::milliseconds>(*asked, own, own + kMostAdded);
}

void RetryRun::succeeded() {
  quota_.give(failed_ == 0 ? kGainWithoutRetry : last_cost_);
}

std::optional<std::chrono::milliseconds> asked_wait(const HttpHeaders& headers, SystemTime now) {
  if (const auto value = headers.find("x-amz-retry-after")) {
    std::int64_t milliseconds = 0;
    const auto* end = value->data() + value->size();
    const auto [stop, error] = std::from_chars(value->data(), end, milliseconds);
    if (error == std::errc{} && stop == end && milliseconds >= 0) return std::chrono::milliseconds(milliseconds);
  }
  if (const auto value = headers.find("Retry-After")) return parse_retry_after(*value, now);
  return std::nullopt;
}

Task<void> sleep_for(std::chrono::milliseconds wait) {
  asio::steady_timer timer(co_await asio::this_coro::executor, wait);
  co_await timer.async_wait(asio::use_awaitable);
}

}  // namespace creel::aws

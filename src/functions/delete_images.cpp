#include "functions/delete_images.h"

#include <algorithm>
#include <unordered_map>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/json/array.hpp>
#include <boost/system/system_error.hpp>
#include <fmt/format.h>

#include "functions/event_members.h"
#include "functions/function_time.h"
#include "functions/store_answer_json.h"

namespace creel {
namespace asio = boost::asio;
namespace json = boost::json;
namespace {

constexpr std::string_view kBucketName = "bucket-name";
constexpr std::string_view kKeys = "keys";
/// Each key comes back with some more text around it.
constexpr std::size_t kMaxKeysBytes = 4 * 1024 * 1024;

struct Order {
  std::string bucket;
  std::vector<std::string> keys;
};

Order order_of(const json::value& event) {
  const EventMembers members(event);
  Order order{.bucket = members.bucket(kBucketName)};
  auto keys = members.texts(kKeys);
  if (!keys) throw Failure(FailureKind::bad_request, fmt::format("'{}' is missing", kKeys));
  std::size_t bytes = 0;
  for (const auto& key : *keys) bytes += key.size();
  if (keys->size() > kMaxDeletedKeys || bytes > kMaxKeysBytes) {
    throw Failure(FailureKind::bad_request,
                  fmt::format("'{}' has {} entries of {} bytes: more than {}, or than {} bytes", kKeys, keys->size(),
                              bytes, kMaxDeletedKeys, kMaxKeysBytes));
  }
  order.keys = std::move(*keys);
  return order;
}

using Failures = std::unordered_map<std::string, Failure>;

/// Removes one part of the keys, and adds those that are still there to `failures`.
Task<void> remove_part(FunctionServices& services, const std::string& bucket, std::vector<std::string> keys,
                       Failures& failures) {
  try {
    const auto left = co_await services.remove(co_await asio::this_coro::executor, bucket, keys);
    for (const auto& [key, failure] : left) failures.insert_or_assign(key, failure);
  } catch (const Failure& failure) {
    for (const auto& key : keys) failures.insert_or_assign(key, failure);
  }
}

/// Removes one part after the other, and counts in `done` the keys that were asked for.
Task<void> remove_all(FunctionServices& services, const Order& order, Failures& failures, std::size_t& done) {
  while (done < order.keys.size()) {
    const auto count = std::min(aws::S3Client::kMostDeletedAtOnce, order.keys.size() - done);
    const auto first = order.keys.begin() + static_cast<std::ptrdiff_t>(done);
    std::vector<std::string> part(first, first + static_cast<std::ptrdiff_t>(count));
    co_await remove_part(services, order.bucket, std::move(part), failures);
    done += count;
  }
}

Task<void> remove_until(FunctionServices& services, const Order& order, SteadyTime stop_at, Failures& failures,
                        std::size_t& done) {
  using namespace asio::experimental::awaitable_operators;
  asio::steady_timer timer(co_await asio::this_coro::executor, stop_at);
  try {
    co_await (remove_all(services, order, failures, done) || timer.async_wait(asio::use_awaitable));
  } catch (const boost::system::system_error&) {
    // The caller is cancelled: what is done is answered.
    co_return;
  }
}

json::value answer_of(const Order& order, const Failures& failures, std::size_t done) {
  json::array bodies;
  bodies.reserve(order.keys.size());
  for (std::size_t i = 0; i < order.keys.size(); ++i) {
    const auto& key = order.keys[i];
    if (i >= done) {
      bodies.push_back(
          failure_body({FailureKind::timeout, "the function's time was over before the object was removed"}));
    } else if (const auto found = failures.find(key); found != failures.end()) {
      bodies.push_back(failure_body(found->second));
    } else {
      bodies.push_back({{"ok", true}, {"result", {{"bucket-name", order.bucket}, {"key", to_json_text_value(key)}}}});
    }
  }
  return batch_answer(std::move(bodies));
}

}  // namespace

Task<json::value> DeleteImages::operator()(json::value event, SystemTime deadline) {
  std::optional<Failure> wrong;
  try {
    const auto order = order_of(event);
    services_.prepare(co_await asio::this_coro::executor);
    Failures failures;
    std::size_t done = 0;
    co_await remove_until(services_, order, function_time(deadline, services_.clock()).stop_at, failures, done);
    co_return answer_of(order, failures, done);
  } catch (const Failure& failure) {
    wrong = failure;
  } catch (const std::exception& error) {
    wrong = Failure(FailureKind::internal, error.what());
  }
  co_return single_answer(failure_body(*wrong));
}

}  // namespace creel

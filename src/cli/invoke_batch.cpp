#include "cli/invoke_batch.h"

#include <exception>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/text.h"
#include "base/wakeup.h"
#include "deploy/json_text.h"

namespace creel {
namespace asio = boost::asio;
namespace json = boost::json;
namespace {

/// A throttled batch goes on, slowly, for about two minutes.
constexpr aws::RetryOptions kThrottledTries{
    .max_attempts = 12,
    .throttled = {.base = std::chrono::milliseconds(200), .cap = std::chrono::milliseconds(20'000)}};
/// What the service itself counts tokens for is not what keeps a batch from going on.
constexpr int kAmpleQuota = 1'000'000;

json::value as_json(const std::string& payload) {
  boost::system::error_code error;
  auto value = json::parse(payload, error);
  return error ? json::value(payload) : value;
}

std::string failure_json(std::size_t line, const Failure& failure) {
  json::object error{{"type", to_string(failure.kind())}, {"message", failure.what()}};
  return json::serialize(json::object{{"line", line}, {"error", std::move(error)}});
}

/// Counts down the workers that are at work, and keeps the first thing that went wrong with one.
struct Workers {
  std::size_t left;
  std::exception_ptr failure;
  std::shared_ptr<Wakeup> all_done;
};

}  // namespace

std::vector<BatchLine> read_batch(std::string_view text, std::string_view name) {
  std::vector<BatchLine> lines;
  std::size_t number = 0;
  for (const auto raw : split(text, '\n')) {
    ++number;
    const auto line = trim(raw);
    if (line.empty()) continue;
    deploy::check_json(line, fmt::format("{}:{}", name, number));
    lines.push_back({.number = number, .payload = std::string(line)});
  }
  return lines;
}

std::string answer_json(const aws::LambdaAnswer& answer, std::size_t line) {
  json::object object;
  if (line != 0) object["line"] = line;
  object["status"] = answer.status;
  if (!answer.executed_version.empty()) object["version"] = answer.executed_version;
  if (!answer.request_id.empty()) object["request_id"] = answer.request_id;
  if (!answer.function_error.empty()) object["function_error"] = answer.function_error;
  if (!answer.payload.empty()) object["payload"] = as_json(answer.payload);
  if (!answer.log_tail.empty()) object["log"] = answer.log_tail;
  return json::serialize(object);
}

InvokeBatch::InvokeBatch(aws::LambdaInvoker& invoker, const Clock& clock, Random random, BatchOptions options,
                         Printer print)
    : invoker_(invoker),
      clock_(clock),
      random_(std::move(random)),
      options_(std::move(options)),
      print_(std::move(print)),
      quota_(kAmpleQuota) {}

Task<BatchTally> InvokeBatch::run(std::vector<BatchLine> lines) {
  lines_ = std::move(lines);
  results_.assign(lines_.size(), std::nullopt);
  next_ = printed_ = 0;
  const auto count = std::min(options_.parallel, lines_.size());
  if (count == 0) co_return tally_;

  const auto executor = co_await asio::this_coro::executor;
  const auto workers = std::make_shared<Workers>(Workers{count, nullptr, std::make_shared<Wakeup>(executor)});
  for (std::size_t i = 0; i < count; ++i) {
    asio::co_spawn(executor, work(), [workers](const std::exception_ptr& failure) {
      if (failure && !workers->failure) workers->failure = failure;
      if (--workers->left == 0) workers->all_done->notify();
    });
  }
  while (workers->left != 0) co_await workers->all_done->wait();
  if (workers->failure) std::rethrow_exception(workers->failure);
  co_return tally_;
}

Task<void> InvokeBatch::work() {
  while (next_ < lines_.size()) {
    const auto index = next_++;
    auto result = co_await result_of(std::move(lines_[index]));
    results_[index] = std::move(result);
    print_finished();
  }
}

Task<std::string> InvokeBatch::result_of(BatchLine line) {
  std::optional<Failure> failure;
  try {
    const auto answer = co_await call(std::move(line.payload));
    ++(answer.function_error.empty() ? tally_.answered : tally_.failed);
    co_return answer_json(answer, line.number);
  } catch (const Failure& thrown) {
    failure = thrown;
  }
  ++tally_.not_called;
  co_return failure_json(line.number, *failure);
}

Task<aws::LambdaAnswer> InvokeBatch::call(std::string payload) {
  aws::RetryRun retries(kThrottledTries, quota_, random_);
  for (;;) {
    auto invocation = options_.call;
    invocation.payload = payload;
    if (options_.timeout.count() > 0) invocation.deadline = clock_.steady_now() + options_.timeout;
    std::optional<std::chrono::milliseconds> wait;
    try {
      co_return co_await invoker_.invoke(std::move(invocation));
    } catch (const Failure& failure) {
      if (failure.kind() != FailureKind::function_throttled) throw;
      wait = retries.next_wait(aws::RetryReason::throttled, failure.retry_after());
      if (!wait) throw;
    }
    co_await aws::sleep_for(*wait);
  }
}

void InvokeBatch::print_finished() {
  for (; printed_ < results_.size() && results_[printed_]; ++printed_) {
    print_(*results_[printed_]);
    results_[printed_]->clear();
    results_[printed_]->shrink_to_fit();
  }
}

}  // namespace creel

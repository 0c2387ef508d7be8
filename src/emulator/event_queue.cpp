#include "emulator/event_queue.h"

#include <algorithm>
#include <fstream>

#include <boost/asio/co_spawn.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/chrono.h>
#include <fmt/format.h>

#include "emulator/service_error.h"

namespace creel::emulator {
namespace json = boost::json;
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds kFirstThrottleWait = 1s;
constexpr std::chrono::milliseconds kLongestThrottleWait = 5min;
constexpr int kMostDoublings = 10;

/// JSON as it is, other text as a string.
json::value parsed_or_text(const std::string& text) {
  boost::system::error_code error;
  auto value = json::parse(text, error);
  return error ? json::value(text) : value;
}

}  // namespace

struct EventQueue::Event {
  InvocationOrder order;
  EventProgress progress;
  InvocationResult last{};
};

EventDecision decide(const EventProgress& progress, EventOutcome outcome, const EventLimits& limits, SystemTime now) {
  if (outcome == EventOutcome::success) return {.is_done = true};
  std::chrono::milliseconds wait{};
  if (outcome == EventOutcome::function_error) {
    if (progress.function_errors >= limits.max_retries) return {.condition = "RetriesExhausted"};
    wait = limits.retry_delay * (progress.function_errors + 1);
  } else {
    const auto first = std::min(kFirstThrottleWait, limits.retry_delay);
    wait = std::min(kLongestThrottleWait, first * (1 << std::min(progress.throttles, kMostDoublings)));
  }
  if (now + wait - progress.received > limits.max_age) return {.condition = "EventAgeExceeded"};
  return {.wait = wait};
}

EventQueue::EventQueue(boost::asio::any_io_executor executor, Invoker& invoker, const Clock& clock, Log log,
                       EventQueueOptions options)
    : executor_(executor),
      invoker_(invoker),
      clock_(clock),
      log_(std::move(log)),
      options_(std::move(options)),
      empty_(std::make_shared<Wakeup>(executor)) {}

void EventQueue::add(InvocationOrder order) {
  ++size_;
  auto event = std::make_shared<Event>(Event{.order = std::move(order), .progress = {.received = clock_.now()}});
  boost::asio::co_spawn(executor_, process(std::move(event)), [this](const std::exception_ptr& failure) {
    try {
      if (failure) std::rethrow_exception(failure);
    } catch (const std::exception& error) {
      log_->error("an event was lost: {}", error.what());
    }
    if (--size_ == 0) empty_->notify();
  });
}

Task<void> EventQueue::process(std::shared_ptr<Event> event) {
  while (!is_stopping_) {
    const auto outcome = co_await try_once(*event);
    const auto decision = decide(event->progress, outcome, limits_of(*event), clock_.now());
    event->progress.function_errors += outcome == EventOutcome::function_error ? 1 : 0;
    event->progress.throttles += outcome == EventOutcome::throttled ? 1 : 0;
    if (decision.is_done) co_return;
    if (!decision.wait) {
      give_up(*event, decision.condition);
      co_return;
    }
    if (!co_await pause(*decision.wait)) co_return;
  }
}

Task<EventOutcome> EventQueue::try_once(Event& event) {
  try {
    event.last = co_await invoker_.invoke(event.order);
    // A fault that was asked for happens once.
    event.order.faults = {};
    co_return event.last.function_error.empty() ? EventOutcome::success : EventOutcome::function_error;
  } catch (const ServiceError& error) {
    event.order.faults = {};
    event.last = {.payload = to_reply(error).body, .function_error = error.type()};
    co_return error.status() == 429 ? EventOutcome::throttled : EventOutcome::function_error;
  }
}

/// False if the queue stops meanwhile.
Task<bool> EventQueue::pause(std::chrono::milliseconds wait) {
  const auto wakeup = std::make_shared<Wakeup>(executor_);
  pauses_.insert(wakeup);
  const bool is_stopped = co_await wakeup->wait(clock_.steady_now() + wait);
  pauses_.erase(wakeup);
  co_return !is_stopped;
}

EventLimits EventQueue::limits_of(const Event& event) const {
  EventLimits limits{.retry_delay = options_.retry_delay};
  const auto* function = invoker_.registry().find(event.order.function.name);
  if (function == nullptr) return limits;
  const auto& configs = function->event_invoke_configs;
  auto found = configs.find(event.order.qualifier.empty() ? event.order.function.qualifier : event.order.qualifier);
  if (found == configs.end()) return limits;
  limits.max_retries = found->second.max_retries.value_or(limits.max_retries);
  if (found->second.max_age) limits.max_age = *found->second.max_age;
  return limits;
}

/// Writes what the service would send to a destination for failed events.
void EventQueue::give_up(const Event& event, std::string_view condition) {
  const auto& order = event.order;
  const auto arn = invoker_.registry().arn(order.function.name, order.qualifier.empty() ? "$LATEST" : order.qualifier);
  log_->warn("event {} for {} is given up: {}", order.request_id, order.function.name, condition);
  if (options_.dead_letter_file.empty()) return;
  json::object record{
      {"version", "1.0"},
      {"timestamp", fmt::format("{:%Y-%m-%dT%H:%M:%S}Z", std::chrono::floor<std::chrono::milliseconds>(clock_.now()))},
      {"requestContext",
       json::object{{"requestId", order.request_id},
                    {"functionArn", arn},
                    {"condition", condition},
                    {"approximateInvokeCount", event.progress.function_errors + event.progress.throttles}}},
      {"requestPayload", parsed_or_text(order.payload)},
      {"responseContext", json::object{{"statusCode", 200},
                                       {"executedVersion", event.last.executed_version},
                                       {"functionError", event.last.function_error}}},
      {"responsePayload", parsed_or_text(event.last.payload)}};
  std::ofstream file(options_.dead_letter_file, std::ios::app);
  file << json::serialize(record) << '\n';
  if (!file.flush()) log_->error("cannot write to {}", options_.dead_letter_file.string());
}

void EventQueue::close() {
  is_stopping_ = true;
  for (const auto& wakeup : pauses_) wakeup->notify();
}

Task<void> EventQueue::stop() {
  while (size_ > 0) co_await empty_->wait();
}

}  // namespace creel::emulator

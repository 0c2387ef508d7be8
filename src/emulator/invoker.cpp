#include "emulator/invoker.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include "emulator/service_error.h"
#include "emulator/uuid.h"

namespace creel::emulator {
namespace asio = boost::asio;

std::string trace_id(std::string_view given, SystemTime now) {
  if (given.find("Root=") != std::string_view::npos) {
    auto text = std::string(given);
    if (given.find("Parent=") == std::string_view::npos) text += fmt::format(";Parent={}", random_hex(16));
    if (given.find("Sampled=") == std::string_view::npos) text += ";Sampled=0";
    return text;
  }
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  return fmt::format("Root=1-{:08x}-{};Parent={};Sampled=0", seconds, random_hex(24), random_hex(16));
}

InvocationTarget Invoker::ready_target(const FunctionReference& function, std::string_view qualifier) {
  auto target = registry_.resolve(function, qualifier, random_share());
  const auto& state = target.version->status.state;
  if (state == "Active" || state == "Inactive") return target;
  throw ServiceError(409, "ResourceConflictException",
                     fmt::format("The operation cannot be performed at this time. The function is currently in the "
                                 "following state: {}",
                                 state));
}

void Invoker::check(const FunctionReference& function, std::string_view qualifier) {
  ready_target(function, qualifier);
}

Task<InvocationResult> Invoker::invoke(InvocationOrder order, std::shared_ptr<AnswerStream> stream) {
  if (order.faults.throttle) {
    throw ServiceError(429, "TooManyRequestsException", "Rate Exceeded.", "CallerRateLimitExceeded",
                       std::chrono::seconds(1));
  }
  if (order.faults.delay.count() > 0) {
    asio::steady_timer timer(executor_, order.faults.delay);
    co_await timer.async_wait(asio::use_awaitable);
  }
  const auto target = ready_target(order.function, order.qualifier);
  const auto lease =
      pool_.acquire(*target.function, *target.version, order.faults.cold_start ? Reuse::none : Reuse::allowed);
  const auto invocation = std::make_shared<const Invocation>(Invocation{.request_id = order.request_id,
                                                                        .invocation_id = new_uuid(),
                                                                        .payload = order.payload,
                                                                        .invoked_arn = target.invoked_arn,
                                                                        .trace_id = order.trace_id,
                                                                        .client_context = order.client_context,
                                                                        .tenant_id = order.tenant_id,
                                                                        .mode = order.mode});
  auto result = co_await lease.environment().invoke(invocation, std::move(stream));
  if (order.faults.duplicate) {
    order.faults = {};
    asio::co_spawn(executor_, repeat(std::move(order)), [](const std::exception_ptr&) {});
  }
  co_return result;
}

/// Once more, for nobody.
Task<void> Invoker::repeat(InvocationOrder order) {
  order.mode = AnswerMode::buffered;
  co_await invoke(std::move(order));
}

}  // namespace creel::emulator

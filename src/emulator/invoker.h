#pragma once

#include <memory>
#include <string>

#include "emulator/environment_pool.h"
#include "emulator/faults.h"
#include "emulator/function_registry.h"
#include "emulator/invocation.h"

namespace creel::emulator {

/// A call as it came, whatever it came by.
struct InvocationOrder {
  FunctionReference function;
  std::string qualifier{};
  std::string payload{};
  std::string request_id{};
  std::string trace_id{};
  std::string client_context{};
  std::string tenant_id{};
  AnswerMode mode = AnswerMode::buffered;
  InvocationFaults faults{};
};

/// Has functions invoked: finds the version, a place in an environment, and runs it there.
/// Threads: the emulator's event loop.
class Invoker {
 public:
  Invoker(boost::asio::any_io_executor executor, FunctionRegistry& registry, EnvironmentPool& pool)
      : executor_(std::move(executor)), registry_(registry), pool_(pool) {}

  /// Checks that the call could be made now, as a dry run does.
  /// @throws ServiceError
  void check(const FunctionReference& function, std::string_view qualifier);

  /// Does it. A function that fails is a result.
  /// @param stream  for a streamed answer; its end is left to the caller
  /// @throws ServiceError  it cannot be invoked: unknown, not ready, or too many at once
  Task<InvocationResult> invoke(InvocationOrder order, std::shared_ptr<AnswerStream> stream = nullptr);

  FunctionRegistry& registry() { return registry_; }

 private:
  InvocationTarget ready_target(const FunctionReference& function, std::string_view qualifier);
  Task<void> repeat(InvocationOrder order);

  boost::asio::any_io_executor executor_;
  FunctionRegistry& registry_;
  EnvironmentPool& pool_;
};

/// "Root=1-...;Parent=...;Sampled=0", new, or with what a caller's header holds.
std::string trace_id(std::string_view given, SystemTime now);

}  // namespace creel::emulator

#pragma once

#include <memory>

#include "base/clock.h"
#include "base/log.h"
#include "base/task.h"
#include "emulator/code_store.h"
#include "emulator/function_registry.h"
#include "net/http_server.h"

namespace creel::emulator {

/// What the control plane works with; all of it outlives it.
struct ControlPlaneParts {
  boost::asio::any_io_executor executor;
  FunctionRegistry& registry;
  CodeStore& code;
  const Clock& clock;
  Log log;
  /// "http://127.0.0.1:9000", for the addresses in answers; known once the emulator listens.
  std::function<std::string()> base_url;
  /// How long a new function is Pending, and an update InProgress.
  std::chrono::milliseconds state_delay{200};
  /// Gets a zip out of a bucket, for those who name one as a function's code; empty where no store is configured.
  /// @throws Failure  what the store said
  std::function<Task<std::string>(std::string bucket, std::string key)> fetch_object{};
};

/// The part of the service's API that makes, changes and tells of functions. Threads: the emulator's event loop.
class ControlPlane {
 public:
  explicit ControlPlane(ControlPlaneParts parts);
  ~ControlPlane();
  ControlPlane(const ControlPlane&) = delete;
  ControlPlane& operator=(const ControlPlane&) = delete;

  /// Answers every path that is neither an invocation nor a function URL.
  /// @throws ServiceError  which the caller turns into the reply
  Task<HttpReply> handle(HttpCall& call);

 private:
  class Routes;
  std::unique_ptr<Routes> routes_;
};

}  // namespace creel::emulator

#pragma once

#include <map>
#include <memory>
#include <string>

#include <boost/asio/steady_timer.hpp>

#include "emulator/control_plane.h"
#include "emulator/control_request.h"

namespace creel::emulator {

/// What all operations share: the registry, and the time that a new or changed function needs until it is ready.
/// Threads: the emulator's event loop.
class ControlState {
 public:
  explicit ControlState(ControlPlaneParts parts) : parts_(std::move(parts)) {}

  FunctionRegistry& registry() { return parts_.registry; }
  CodeStore& code() { return parts_.code; }
  const ControlPlaneParts& parts() const { return parts_; }

  /// The function that a request names.
  /// @throws ServiceError 404 ResourceNotFoundException
  Function& require(const FunctionReference& reference) { return parts_.registry.require(reference); }

  /// The version that a reference means; an alias stands for the version that most of its calls go to.
  /// @throws ServiceError 404 ResourceNotFoundException
  FunctionVersion& require_version(Function& function, const std::string& qualifier);

  /// Refuses what must wait until the function is ready.
  /// @throws ServiceError 409 ResourceConflictException
  void check_ready(const Function& function);

  /// Makes the function Pending, until the delay is over.
  void begin_creation(Function& function);

  /// Makes the function's update InProgress, until the delay is over.
  void begin_update(Function& function);

 private:
  void finish_later(const std::string& name);
  void finish(const std::string& name);

  ControlPlaneParts parts_;
  std::map<std::string, std::unique_ptr<boost::asio::steady_timer>> timers_;
};

/// @throws ServiceError 412 PreconditionFailedException when one was given that is not the current one
void check_revision(const std::optional<std::string>& given, const std::string& current);

}  // namespace creel::emulator

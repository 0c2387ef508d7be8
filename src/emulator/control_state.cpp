#include "emulator/control_state.h"

#include <fmt/format.h>

#include "emulator/service_error.h"

namespace creel::emulator {
namespace {

constexpr auto kReason = "The function is being created.";
constexpr auto kReasonCode = "Creating";

template <class Change>
void for_each_version(Function& function, Change change) {
  change(function.latest);
  for (auto& [number, version] : function.versions) change(version);
}

}  // namespace

FunctionVersion& ControlState::require_version(Function& function, const std::string& qualifier) {
  if (qualifier.empty()) return function.latest;
  const auto alias = function.aliases.find(qualifier);
  auto* version = function.find_version(alias == function.aliases.end() ? qualifier : alias->second.version);
  if (version != nullptr) return *version;
  throw ServiceError(404, "ResourceNotFoundException",
                     fmt::format("Function not found: {}", registry().arn(function.name, qualifier)));
}

void ControlState::check_ready(const Function& function) {
  const auto& status = function.latest.status;
  if (status.state == "Pending") {
    throw ServiceError(409, "ResourceConflictException",
                       fmt::format("The operation cannot be performed at this time. The function is currently in the "
                                   "following state: {}",
                                   status.state));
  }
  if (status.last_update == "InProgress") {
    throw ServiceError(409, "ResourceConflictException",
                       fmt::format("The operation cannot be performed at this time. An update is in progress for "
                                   "resource: {}",
                                   registry().arn(function.name)));
  }
}

void ControlState::begin_creation(Function& function) {
  if (parts_.state_delay.count() == 0) return;
  for_each_version(function, [](FunctionVersion& version) {
    version.status = {.state = "Pending", .state_reason = kReason, .state_reason_code = kReasonCode, .last_update = ""};
  });
  finish_later(function.name);
}

void ControlState::begin_update(Function& function) {
  if (parts_.state_delay.count() == 0) return;
  function.latest.status = {
      .last_update = "InProgress", .last_update_reason = kReason, .last_update_reason_code = kReasonCode};
  finish_later(function.name);
}

void ControlState::finish_later(const std::string& name) {
  auto& timer = timers_[name];
  timer = std::make_unique<boost::asio::steady_timer>(parts_.executor, parts_.state_delay);
  // The timer goes with this object, and its handler is then told that it was cancelled. One that had run out already
  // when another took its place has nothing to say any more.
  timer->async_wait([this, name, own = timer.get()](const boost::system::error_code& error) {
    if (!error && timers_[name].get() == own) finish(name);
  });
}

void ControlState::finish(const std::string& name) {
  timers_.erase(name);
  auto* function = registry().find(name);
  if (function == nullptr) return;
  for_each_version(*function, [](FunctionVersion& version) { version.status = {}; });
  registry().changed(*function);
}

void check_revision(const std::optional<std::string>& given, const std::string& current) {
  if (!given || given->empty() || *given == current) return;
  throw ServiceError(412, "PreconditionFailedException",
                     "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias "
                     "API to retrieve the latest Revision Id");
}

}  // namespace creel::emulator

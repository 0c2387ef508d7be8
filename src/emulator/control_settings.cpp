#include <fmt/format.h>

#include "emulator/control_fields.h"
#include "emulator/control_json.h"
#include "emulator/control_operations.h"
#include "emulator/control_page.h"

namespace creel::emulator {
namespace json = boost::json;
namespace {

/// What an account has where nobody asked for more.
constexpr std::size_t kAccountConcurrency = 1000;
/// What must stay for the functions that reserve nothing.
constexpr std::size_t kLeastUnreserved = 100;
constexpr std::int64_t kTotalCodeBytes = 80'530'636'800;

/// Tags belong to a function as a whole.
Function& tagged(ControlState& state, const ControlRequest& request) {
  const auto& arn = request.path_parameters.front();
  if (!arn.starts_with("arn:")) {
    refuse_value(arn, "resource", "Member must satisfy regular expression pattern: arn:(aws[a-zA-Z-]*):lambda:.*");
  }
  return state.require(parse_function_reference(arn));
}

std::size_t reserved_by_others(ControlState& state, const Function& function) {
  std::size_t reserved = 0;
  for (const auto* other : state.registry().all()) {
    if (other->name != function.name) reserved += other->reserved_concurrency.value_or(0);
  }
  return reserved;
}

json::object event_config_json(ControlState& state, const Function& function, const std::string& qualifier,
                               const EventInvokeConfig& config) {
  const auto seconds =
      std::chrono::duration_cast<std::chrono::milliseconds>(config.last_modified.time_since_epoch()).count();
  json::object object{
      {"LastModified", static_cast<double>(seconds) / 1000.0},
      {"FunctionArn", state.registry().arn(function.name, qualifier.empty() ? kLatest : std::string_view(qualifier))}};
  if (config.max_retries) object["MaximumRetryAttempts"] = *config.max_retries;
  if (config.max_age) object["MaximumEventAgeInSeconds"] = config.max_age->count();
  json::object destinations{{"OnSuccess", json::object()}, {"OnFailure", json::object()}};
  if (!config.on_success.empty()) destinations["OnSuccess"] = json::object{{"Destination", config.on_success}};
  if (!config.on_failure.empty()) destinations["OnFailure"] = json::object{{"Destination", config.on_failure}};
  object["DestinationConfig"] = std::move(destinations);
  return object;
}

std::string destination_of(const json::object& destinations, std::string_view name) {
  const auto* destination = destinations.if_contains(name);
  if (destination == nullptr || !destination->is_object()) return {};
  return text_of(destination->get_object(), "Destination").value_or("");
}

void apply(const ControlRequest& request, EventInvokeConfig& config) {
  if (const auto retries = request.number("MaximumRetryAttempts")) {
    check_range(*retries, "maximumRetryAttempts", 0, 2);
    config.max_retries = static_cast<int>(*retries);
  }
  if (const auto age = request.number("MaximumEventAgeInSeconds")) {
    check_range(*age, "maximumEventAgeInSeconds", 60, 21'600);
    config.max_age = std::chrono::seconds(*age);
  }
  if (const auto* destinations = request.object("DestinationConfig")) {
    config.on_success = destination_of(*destinations, "OnSuccess");
    config.on_failure = destination_of(*destinations, "OnFailure");
  }
}

/// "$LATEST" and nothing are the same for settings.
std::string settings_key(const FunctionReference& reference) {
  return reference.qualifier == kLatest ? std::string() : reference.qualifier;
}

EventInvokeConfig& require_event_config(ControlState& state, Function& function, const std::string& key) {
  const auto found = function.event_invoke_configs.find(key);
  if (found != function.event_invoke_configs.end()) return found->second;
  throw ServiceError(404, "ResourceNotFoundException",
                     fmt::format("The function {} doesn't have an EventInvokeConfig",
                                 state.registry().arn(function.name, key.empty() ? kLatest : std::string_view(key))));
}

HttpReply store_event_config(ControlState& state, Function& function, const std::string& key,
                             EventInvokeConfig config) {
  config.last_modified = state.parts().clock.now();
  const auto& stored = function.event_invoke_configs[key] = std::move(config);
  state.registry().changed(function);
  return object_reply(200, event_config_json(state, function, key, stored));
}

}  // namespace

HttpReply list_tags(ControlState& state, const ControlRequest& request) {
  json::object tags;
  for (const auto& [key, value] : tagged(state, request).tags) tags[key] = value;
  return object_reply(200, {{"Tags", std::move(tags)}});
}

HttpReply tag_resource(ControlState& state, const ControlRequest& request) {
  auto& function = tagged(state, request);
  const auto tags = tags_field(request);
  if (tags.empty())
    throw ServiceError(400, "InvalidParameterValueException", "An error occurred and the request cannot be processed.");
  for (const auto& [key, value] : tags) function.tags[key] = value;
  return no_content();
}

HttpReply untag_resource(ControlState& state, const ControlRequest& request) {
  auto& function = tagged(state, request);
  for (const auto& [name, key] : request.query) {
    if (name == "tagKeys") function.tags.erase(key);
  }
  return no_content();
}

HttpReply put_concurrency(ControlState& state, const ControlRequest& request) {
  auto& function = state.require(request.function());
  const auto wanted = request.number("ReservedConcurrentExecutions");
  if (!wanted) refuse_value("null", "reservedConcurrentExecutions", "Member must not be null");
  check_range(*wanted, "reservedConcurrentExecutions", 0, INT32_MAX);
  const auto reserved = static_cast<std::size_t>(*wanted);
  if (reserved + reserved_by_others(state, function) > kAccountConcurrency - kLeastUnreserved) {
    throw ServiceError(400, "InvalidParameterValueException",
                       fmt::format("Specified ReservedConcurrentExecutions for function decreases account's "
                                   "UnreservedConcurrentExecution below its minimum value of [{}].",
                                   kLeastUnreserved));
  }
  function.reserved_concurrency = reserved;
  state.registry().changed(function);
  return object_reply(200, {{"ReservedConcurrentExecutions", reserved}});
}

HttpReply get_concurrency(ControlState& state, const ControlRequest& request) {
  const auto& function = state.require(request.function());
  json::object reply;
  if (function.reserved_concurrency) reply["ReservedConcurrentExecutions"] = *function.reserved_concurrency;
  return object_reply(200, reply);
}

HttpReply delete_concurrency(ControlState& state, const ControlRequest& request) {
  auto& function = state.require(request.function());
  function.reserved_concurrency.reset();
  state.registry().changed(function);
  return no_content();
}

HttpReply put_event_invoke_config(ControlState& state, const ControlRequest& request) {
  const auto reference = request.function();
  auto& function = state.require(reference);
  state.require_version(function, reference.qualifier);
  EventInvokeConfig config;
  apply(request, config);
  return store_event_config(state, function, settings_key(reference), std::move(config));
}

HttpReply update_event_invoke_config(ControlState& state, const ControlRequest& request) {
  const auto reference = request.function();
  auto& function = state.require(reference);
  const auto key = settings_key(reference);
  auto config = require_event_config(state, function, key);
  apply(request, config);
  return store_event_config(state, function, key, std::move(config));
}

HttpReply get_event_invoke_config(ControlState& state, const ControlRequest& request) {
  const auto reference = request.function();
  auto& function = state.require(reference);
  const auto key = settings_key(reference);
  return object_reply(200, event_config_json(state, function, key, require_event_config(state, function, key)));
}

HttpReply delete_event_invoke_config(ControlState& state, const ControlRequest& request) {
  const auto reference = request.function();
  auto& function = state.require(reference);
  const auto key = settings_key(reference);
  require_event_config(state, function, key);
  function.event_invoke_configs.erase(key);
  state.registry().changed(function);
  return no_content();
}

HttpReply list_event_invoke_configs(ControlState& state, const ControlRequest& request) {
  auto& function = state.require(request.function());
  json::array configs;
  for (const auto& [qualifier, config] : function.event_invoke_configs) {
    configs.push_back(event_config_json(state, function, qualifier, config));
  }
  return page_reply(request, "FunctionEventInvokeConfigs", std::move(configs));
}

HttpReply get_account_settings(ControlState& state, const ControlRequest&) {
  std::size_t reserved = 0;
  std::uint64_t code_bytes = 0;
  const auto functions = state.registry().all();
  for (const auto* function : functions) {
    reserved += function->reserved_concurrency.value_or(0);
    code_bytes += function->latest.deployment->code->zip_bytes;
    for (const auto& [number, version] : function->versions) code_bytes += version.deployment->code->zip_bytes;
  }
  return object_reply(
      200, {{"AccountLimit", json::object{{"TotalCodeSize", kTotalCodeBytes},
                                          {"CodeSizeUnzipped", 262'144'000},
                                          {"CodeSizeZipped", 52'428'800},
                                          {"ConcurrentExecutions", kAccountConcurrency},
                                          {"UnreservedConcurrentExecutions", kAccountConcurrency - reserved}}},
            {"AccountUsage", json::object{{"TotalCodeSize", code_bytes}, {"FunctionCount", functions.size()}}}});
}

HttpReply get_code_signing(ControlState& state, const ControlRequest& request) {
  return object_reply(200, {{"FunctionName", state.require(request.function()).name}});
}

HttpReply get_runtime_management(ControlState& state, const ControlRequest& request) {
  const auto reference = request.function();
  const auto& function = state.require(reference);
  return object_reply(
      200, {{"UpdateRuntimeOn", "Auto"}, {"FunctionArn", state.registry().arn(function.name, reference.qualifier)}});
}

HttpReply get_recursion(ControlState& state, const ControlRequest& request) {
  state.require(request.function());
  return object_reply(200, {{"RecursiveLoop", "Terminate"}});
}

HttpReply list_provisioned_concurrency(ControlState& state, const ControlRequest& request) {
  state.require(request.function());
  return object_reply(200, {{"ProvisionedConcurrencyConfigs", json::array()}});
}

}  // namespace creel::emulator

#include <fmt/format.h>

#include "emulator/control_fields.h"
#include "emulator/control_json.h"
#include "emulator/control_operations.h"
#include "emulator/control_page.h"

namespace creel::emulator {
namespace json = boost::json;
namespace {

[[noreturn]] void refuse_parameter(const std::string& message) {
  throw ServiceError(400, "InvalidParameterValueException", message);
}

/// Not a number alone: that would be a version.
bool is_alias_name(std::string_view name) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto is_word = [&](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
  };
  return !name.empty() && name.size() <= 128 && std::ranges::all_of(name, is_word) &&
         !std::ranges::all_of(name, is_digit);
}

void check_version(ControlState& state, Function& function, const std::string& version) {
  if (function.find_version(version) != nullptr) return;
  throw ServiceError(404, "ResourceNotFoundException",
                     fmt::format("Function not found: {}", state.registry().arn(function.name, version)));
}

std::map<std::string, double> weights_of(const ControlRequest& request) {
  const auto* routing = request.object("RoutingConfig");
  const auto* weights = routing == nullptr ? nullptr : routing->if_contains("AdditionalVersionWeights");
  std::map<std::string, double> result;
  if (weights == nullptr || weights->is_null()) return result;
  if (!weights->is_object()) throw ServiceError(400, "SerializationException", "AdditionalVersionWeights is no object");
  for (const auto& [version, weight] : weights->get_object()) {
    boost::system::error_code error;
    const auto share = weight.to_number<double>(error);
    if (error || !(share >= 0.0 && share <= 1.0)) {
      refuse_value(json::serialize(weight), "routingConfig.additionalVersionWeights",
                   "Map value must satisfy constraint: [Member must have value less than or equal to 1.0, Member must "
                   "have value greater than or equal to 0.0, Member must not be null]");
    }
    result.emplace(version, share);
  }
  return result;
}

void check_weights(ControlState& state, Function& function, const FunctionAlias& alias) {
  if (alias.weights.size() > 1) {
    refuse_parameter("Number of items in AdditionalVersionWeights cannot be greater than 1");
  }
  for (const auto& [version, weight] : alias.weights) {
    if (version == alias.version) {
      refuse_parameter(
          fmt::format("Invalid function version {}. Function version {} is already included in routing "
                      "configuration.",
                      version, version));
    }
    if (alias.version == kLatest || version == kLatest) {
      refuse_parameter("$LATEST is not supported for an alias pointing to more than 1 version");
    }
    check_version(state, function, version);
  }
}

/// Puts what a request says into an alias.
void apply(ControlState& state, Function& function, const ControlRequest& request, FunctionAlias& alias) {
  if (const auto version = request.text("FunctionVersion")) {
    check_version(state, function, *version);
    alias.version = *version;
  }
  if (const auto description = request.text("Description")) alias.description = *description;
  if (request.object("RoutingConfig") != nullptr) alias.weights = weights_of(request);
  check_weights(state, function, alias);
}

FunctionAlias& require_alias(ControlState& state, Function& function, const std::string& name) {
  const auto found = function.aliases.find(name);
  if (found != function.aliases.end()) return found->second;
  throw ServiceError(404, "ResourceNotFoundException",
                     fmt::format("Cannot find alias arn: {}", state.registry().arn(function.name, name)));
}

}  // namespace

HttpReply publish_version(ControlState& state, const ControlRequest& request) {
  auto& function = state.require(request.function());
  state.check_ready(function);
  check_revision(request.text("RevisionId"), function.latest.revision_id);
  const auto& current = function.latest.deployment->code->sha256_base64;
  const auto expected = request.text("CodeSha256");
  if (expected && !expected->empty() && *expected != current) {
    refuse_parameter(
        fmt::format("CodeSHA256 ({}) is different from current CodeSHA256 in $LATEST ({}). Please try again "
                    "with the CodeSHA256 in $LATEST.",
                    *expected, current));
  }
  const auto& version = state.registry().publish(function, request.text("Description").value_or(""));
  return object_reply(201, configuration_json(state.registry(), function, version, version.version));
}

HttpReply list_versions(ControlState& state, const ControlRequest& request) {
  auto& function = state.require(request.function());
  json::array versions;
  const auto add = [&](const FunctionVersion& version) {
    versions.push_back(configuration_json(state.registry(), function, version, version.version, Detail::without_state));
  };
  add(function.latest);
  for (const auto& [number, version] : function.versions) add(version);
  return page_reply(request, "Versions", std::move(versions));
}

HttpReply create_alias(ControlState& state, const ControlRequest& request) {
  auto& function = state.require(request.function());
  const auto name = request.text("Name").value_or("");
  if (!is_alias_name(name)) {
    refuse_value(name, "name", "Member must satisfy regular expression pattern: (?!^[0-9]+$)([a-zA-Z0-9-_]+)");
  }
  if (!request.text("FunctionVersion")) refuse_value("null", "functionVersion", "Member must not be null");
  if (function.aliases.contains(name)) {
    throw ServiceError(409, "ResourceConflictException",
                       fmt::format("Alias already exists: {}", state.registry().arn(function.name, name)));
  }
  FunctionAlias alias{.name = name, .revision_id = FunctionRegistry::new_revision_id()};
  apply(state, function, request, alias);
  const auto& added = function.aliases.emplace(name, std::move(alias)).first->second;
  state.registry().changed(function);
  return object_reply(201, alias_json(state.registry(), function, added));
}

HttpReply get_alias(ControlState& state, const ControlRequest& request) {
  auto& function = state.require(request.function());
  return object_reply(
      200, alias_json(state.registry(), function, require_alias(state, function, request.path_parameters[1])));
}

HttpReply update_alias(ControlState& state, const ControlRequest& request) {
  auto& function = state.require(request.function());
  auto& alias = require_alias(state, function, request.path_parameters[1]);
  check_revision(request.text("RevisionId"), alias.revision_id);
  auto changed = alias;
  apply(state, function, request, changed);
  changed.revision_id = FunctionRegistry::new_revision_id();
  alias = std::move(changed);
  state.registry().changed(function);
  return object_reply(200, alias_json(state.registry(), function, alias));
}

HttpReply delete_alias(ControlState& state, const ControlRequest& request) {
  auto& function = state.require(request.function());
  const auto& name = request.path_parameters[1];
  function.aliases.erase(name);
  function.urls.erase(name);
  function.event_invoke_configs.erase(name);
  function.policies.erase(name);
  state.registry().changed(function);
  return no_content();
}

HttpReply list_aliases(ControlState& state, const ControlRequest& request) {
  auto& function = state.require(request.function());
  const auto version = request.parameter("FunctionVersion");
  json::array aliases;
  for (const auto& [name, alias] : function.aliases) {
    if (!version.empty() && alias.version != version && !alias.weights.contains(version)) continue;
    aliases.push_back(alias_json(state.registry(), function, alias));
  }
  return page_reply(request, "Aliases", std::move(aliases));
}

}  // namespace creel::emulator

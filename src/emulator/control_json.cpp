#include "emulator/control_json.h"

#include <boost/json/array.hpp>
#include <fmt/chrono.h>
#include <fmt/format.h>

namespace creel::emulator {
namespace json = boost::json;
namespace {

void add_unless_empty(json::object& object, std::string_view name, const std::string& text) {
  if (!text.empty()) object[name] = text;
}

void add_status(json::object& object, const FunctionStatus& status) {
  add_unless_empty(object, "State", status.state);
  add_unless_empty(object, "StateReason", status.state_reason);
  add_unless_empty(object, "StateReasonCode", status.state_reason_code);
  add_unless_empty(object, "LastUpdateStatus", status.last_update);
  add_unless_empty(object, "LastUpdateStatusReason", status.last_update_reason);
  add_unless_empty(object, "LastUpdateStatusReasonCode", status.last_update_reason_code);
}

json::object logging_json(const FunctionConfiguration& configuration, const std::string& name) {
  json::object logging{
      {"LogFormat", configuration.log_format},
      {"LogGroup", configuration.log_group.empty() ? fmt::format("/aws/lambda/{}", name) : configuration.log_group}};
  if (configuration.log_format == "JSON") {
    const auto& application = configuration.application_log_level;
    const auto& system = configuration.system_log_level;
    logging["ApplicationLogLevel"] = application.empty() ? "INFO" : application;
    logging["SystemLogLevel"] = system.empty() ? "INFO" : system;
  }
  return logging;
}

void add_optional_parts(json::object& object, const FunctionConfiguration& configuration) {
  if (!configuration.environment.empty()) {
    json::object variables;
    for (const auto& [name, value] : configuration.environment) variables[name] = value;
    object["Environment"] = json::object{{"Variables", std::move(variables)}};
  }
  if (!configuration.dead_letter_target.empty()) {
    object["DeadLetterConfig"] = json::object{{"TargetArn", configuration.dead_letter_target}};
  }
  if (!configuration.layers.empty()) {
    json::array layers;
    for (const auto& layer : configuration.layers) layers.push_back(json::object{{"Arn", layer}, {"CodeSize", 0}});
    object["Layers"] = std::move(layers);
  }
}

}  // namespace

std::string format_service_time(SystemTime time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(time - seconds).count();
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}+0000", fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)),
                     milliseconds);
}

json::object configuration_json(const FunctionRegistry& registry, const Function& function,
                                const FunctionVersion& version, const std::string& qualifier, Detail detail) {
  const auto& configuration = version.deployment->configuration;
  const auto& code = *version.deployment->code;
  json::object object{
      {"FunctionName", function.name},
      {"FunctionArn", registry.arn(function.name, qualifier)},
      {"Runtime", configuration.runtime},
      {"Role", configuration.role},
      {"Handler", configuration.handler},
      {"CodeSize", code.zip_bytes},
      {"Description", configuration.description},
      {"Timeout", std::chrono::ceil<std::chrono::seconds>(configuration.timeout).count()},
      {"MemorySize", configuration.memory_mb},
      {"LastModified", format_service_time(version.last_modified)},
      {"CodeSha256", code.sha256_base64},
      {"Version", version.version},
      {"TracingConfig", json::object{{"Mode", configuration.tracing_mode}}},
      {"RevisionId", version.revision_id},
      {"PackageType", "Zip"},
      {"Architectures", json::array{configuration.architecture}},
      {"EphemeralStorage", json::object{{"Size", configuration.ephemeral_storage_mb}}},
      {"SnapStart", json::object{{"ApplyOn", "None"}, {"OptimizationStatus", "Off"}}},
      {"LoggingConfig", logging_json(configuration, function.name)},
  };
  add_optional_parts(object, configuration);
  if (detail == Detail::all) add_status(object, version.status);
  return object;
}

json::object alias_json(const FunctionRegistry& registry, const Function& function, const FunctionAlias& alias) {
  json::object object{{"AliasArn", registry.arn(function.name, alias.name)},
                      {"Name", alias.name},
                      {"FunctionVersion", alias.version},
                      {"Description", alias.description},
                      {"RevisionId", alias.revision_id}};
  if (!alias.weights.empty()) {
    json::object weights;
    for (const auto& [version, weight] : alias.weights) weights[version] = weight;
    object["RoutingConfig"] = json::object{{"AdditionalVersionWeights", std::move(weights)}};
  }
  return object;
}

}  // namespace creel::emulator

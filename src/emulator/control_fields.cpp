#include "emulator/control_fields.h"

#include <regex>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "emulator/service_error.h"

namespace creel::emulator {
namespace json = boost::json;
namespace {

constexpr std::size_t kMaxEnvironmentBytes = 4096;
constexpr std::size_t kMaxLayers = 5;
constexpr std::size_t kMaxTags = 50;
constexpr std::size_t kMaxDescription = 256;
constexpr std::size_t kMaxHandler = 128;

constexpr std::string_view kReservedKeys[] = {"_HANDLER",
                                              "_X_AMZN_TRACE_ID",
                                              "AWS_ACCESS_KEY",
                                              "AWS_ACCESS_KEY_ID",
                                              "AWS_DEFAULT_REGION",
                                              "AWS_EXECUTION_ENV",
                                              "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
                                              "AWS_LAMBDA_FUNCTION_NAME",
                                              "AWS_LAMBDA_FUNCTION_VERSION",
                                              "AWS_LAMBDA_INITIALIZATION_TYPE",
                                              "AWS_LAMBDA_LOG_GROUP_NAME",
                                              "AWS_LAMBDA_LOG_STREAM_NAME",
                                              "AWS_LAMBDA_MAX_CONCURRENCY",
                                              "AWS_LAMBDA_RUNTIME_API",
                                              "AWS_REGION",
                                              "AWS_SECRET_ACCESS_KEY",
                                              "AWS_SESSION_TOKEN",
                                              "LAMBDA_RUNTIME_DIR",
                                              "LAMBDA_TASK_ROOT"};

[[noreturn]] void refuse_parameter(const std::string& message) {
  throw ServiceError(400, "InvalidParameterValueException", message);
}

void check_length(const std::string& value, const std::string& field, std::size_t most) {
  if (value.size() > most) {
    refuse_value(value, field, fmt::format("Member must have length less than or equal to {}", most));
  }
}

/// The regular expressions of the standard library take the more stack the longer a text is.
constexpr std::size_t kMaxRole = 1024;
constexpr std::string_view kRolePattern = R"(arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+)";

void check_role(const std::string& role) {
  check_length(role, "role", kMaxRole);
  static const std::regex pattern{std::string(kRolePattern)};
  if (std::regex_match(role, pattern)) return;
  refuse_value(role, "role", fmt::format("Member must satisfy regular expression pattern: {}", kRolePattern));
}

void check_runtime(const std::string& runtime) {
  if (runtime == "provided.al2023" || runtime == "provided.al2") return;
  refuse_parameter(fmt::format(
      "Value {} at 'runtime' failed to satisfy constraint: the emulator runs functions that bring their own "
      "runtime, for which Member must satisfy enum value set: [provided.al2023, provided.al2]",
      runtime));
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_variable_name(std::string_view name) {
  return name.size() >= 2 && is_letter(name.front()) &&
         std::ranges::all_of(name, [](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '_'; });
}

std::map<std::string, std::string> environment_of(const json::object& environment) {
  const auto* variables = environment.if_contains("Variables");
  if (variables == nullptr || variables->is_null()) return {};
  if (!variables->is_object()) throw ServiceError(400, "SerializationException", "Variables is no object");

  std::map<std::string, std::string> values;
  std::vector<std::string> reserved;
  std::size_t bytes = 0;
  for (auto& [name, value] : texts_of(variables->get_object())) {
    if (std::ranges::find(kReservedKeys, name) != std::end(kReservedKeys)) {
      reserved.push_back(name);
    } else if (!is_variable_name(name)) {
      refuse_value(name, "environment.variables",
                   "Member must satisfy regular expression pattern: "
                   "[a-zA-Z]([a-zA-Z0-9_])+");
    }
    bytes += name.size() + value.size();
    values.emplace(name, value);
  }
  if (!reserved.empty()) {
    refuse_parameter(
        fmt::format("Lambda was unable to configure your environment variables because the environment variables you "
                    "have provided contains reserved keys that are currently not supported for modification. Reserved "
                    "keys used in this request: {}",
                    fmt::join(reserved, ", ")));
  }
  if (bytes > kMaxEnvironmentBytes) {
    refuse_parameter(
        fmt::format("Lambda was unable to configure your environment variables because the environment variables you "
                    "have provided exceeded the 4KB limit. String measured: {}",
                    json::serialize(*variables)));
  }
  return values;
}

void apply_logging(const json::object& logging, FunctionConfiguration& configuration) {
  if (const auto format = text_of(logging, "LogFormat")) {
    check_one_of(*format, "loggingConfig.logFormat", {"JSON", "Text"});
    configuration.log_format = *format;
  }
  const auto application = text_of(logging, "ApplicationLogLevel");
  const auto system = text_of(logging, "SystemLogLevel");
  if ((application || system) && configuration.log_format != "JSON") {
    refuse_parameter(
        "Log level is not supported when LogFormat is set to \"Text\". Remove log level from your request "
        "or change the LogFormat to \"JSON\" and try again.");
  }
  if (application) {
    check_one_of(*application, "loggingConfig.applicationLogLevel",
                 {"TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"});
    configuration.application_log_level = *application;
  }
  if (system) {
    check_one_of(*system, "loggingConfig.systemLogLevel", {"DEBUG", "INFO", "WARN"});
    configuration.system_log_level = *system;
  }
  if (const auto group = text_of(logging, "LogGroup")) configuration.log_group = *group;
}

void apply_layers(const json::array& layers, FunctionConfiguration& configuration) {
  if (layers.size() > kMaxLayers) refuse_parameter("Cannot reference more than 5 layers.");
  configuration.layers.clear();
  for (const auto& layer : layers) {
    if (!layer.is_string()) throw ServiceError(400, "SerializationException", "Layers is no list of texts");
    configuration.layers.emplace_back(layer.get_string());
  }
}

void apply_objects(const ControlRequest& request, FunctionConfiguration& configuration) {
  if (const auto* environment = request.object("Environment")) configuration.environment = environment_of(*environment);
  if (const auto* logging = request.object("LoggingConfig")) apply_logging(*logging, configuration);
  if (const auto* layers = request.array("Layers")) apply_layers(*layers, configuration);
  if (const auto* storage = request.object("EphemeralStorage")) {
    const auto size = number_of(*storage, "Size").value_or(512);
    check_range(size, "ephemeralStorage.size", 512, 10240);
    configuration.ephemeral_storage_mb = static_cast<int>(size);
  }
  if (const auto* tracing = request.object("TracingConfig")) {
    const auto mode = text_of(*tracing, "Mode").value_or("PassThrough");
    check_one_of(mode, "tracingConfig.mode", {"Active", "PassThrough"});
    configuration.tracing_mode = mode;
  }
  if (const auto* letters = request.object("DeadLetterConfig")) {
    configuration.dead_letter_target = text_of(*letters, "TargetArn").value_or("");
  }
}

}  // namespace

void refuse_value(const std::string& value, const std::string& field, const std::string& constraint) {
  throw ServiceError(400, "ValidationException",
                     fmt::format("1 validation error detected: Value '{}' at '{}' failed to satisfy constraint: {}",
                                 value, field, constraint));
}

void check_range(std::int64_t value, const std::string& field, std::int64_t least, std::int64_t most) {
  if (value < least) {
    refuse_value(std::to_string(value), field,
                 fmt::format("Member must have value greater than or equal to {}", least));
  }
  if (value > most) {
    refuse_value(std::to_string(value), field, fmt::format("Member must have value less than or equal to {}", most));
  }
}

void check_one_of(const std::string& value, const std::string& field, const std::vector<std::string>& known) {
  if (std::ranges::find(known, value) != known.end()) return;
  refuse_value(value, field, fmt::format("Member must satisfy enum value set: [{}]", fmt::join(known, ", ")));
}

void apply_fields(const ControlRequest& request, FunctionConfiguration& configuration) {
  if (const auto role = request.text("Role")) {
    check_role(*role);
    configuration.role = *role;
  }
  if (const auto runtime = request.text("Runtime")) {
    check_runtime(*runtime);
    configuration.runtime = *runtime;
  }
  if (const auto handler = request.text("Handler")) {
    check_length(*handler, "handler", kMaxHandler);
    if (handler->empty() || handler->find_first_of(" \t\r\n") != std::string::npos) {
      refuse_value(*handler, "handler", R"(Member must satisfy regular expression pattern: [^\s]+)");
    }
    configuration.handler = *handler;
  }
  if (const auto description = request.text("Description")) {
    check_length(*description, "description", kMaxDescription);
    configuration.description = *description;
  }
  if (const auto timeout = request.number("Timeout")) {
    check_range(*timeout, "timeout", 1, 900);
    configuration.timeout = std::chrono::seconds(*timeout);
  }
  if (const auto memory = request.number("MemorySize")) {
    check_range(*memory, "memorySize", 128, 10240);
    configuration.memory_mb = static_cast<int>(*memory);
  }
  apply_objects(request, configuration);
}

std::optional<std::string> architecture_field(const ControlRequest& request) {
  const auto* architectures = request.array("Architectures");
  if (architectures == nullptr) return std::nullopt;
  const bool is_known = architectures->size() == 1 && architectures->front().is_string() &&
                        (architectures->front() == "x86_64" || architectures->front() == "arm64");
  if (!is_known) {
    refuse_value(
        json::serialize(*architectures), "architectures",
        "Member must satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64], Member must not "
        "be null]");
  }
  return std::string(architectures->front().get_string());
}

std::vector<std::pair<std::string, std::string>> tags_field(const ControlRequest& request) {
  const auto* tags = request.object("Tags");
  if (tags == nullptr) return {};
  if (tags->size() > kMaxTags) refuse_parameter("Number of tags exceeds resource tag limit.");
  return texts_of(*tags);
}

}  // namespace creel::emulator

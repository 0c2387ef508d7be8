#include "emulator/environment_variables.h"

#include <map>

#include <fmt/format.h>

namespace creel::emulator {

std::vector<std::string> environment_variables(const FunctionConfiguration& configuration,
                                               const EnvironmentVariablesInput& input) {
  const auto root = input.task_root.string();
  auto variables = configuration.environment;
  const auto set = [&](const char* name, std::string value) { variables.emplace(name, std::move(value)); };
  set("_HANDLER", configuration.handler);
  set("LAMBDA_TASK_ROOT", root);
  set("LAMBDA_RUNTIME_DIR", "/var/runtime");
  set("AWS_LAMBDA_RUNTIME_API", input.runtime_api);
  set("AWS_LAMBDA_FUNCTION_NAME", input.function_name);
  set("AWS_LAMBDA_FUNCTION_VERSION", input.version);
  set("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", std::to_string(configuration.memory_mb));
  set("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand");
  set("AWS_LAMBDA_LOG_GROUP_NAME",
      configuration.log_group.empty() ? fmt::format("/aws/lambda/{}", input.function_name) : configuration.log_group);
  set("AWS_LAMBDA_LOG_STREAM_NAME", input.log_stream);
  set("AWS_REGION", input.region);
  set("AWS_DEFAULT_REGION", input.region);
  set("AWS_ACCESS_KEY_ID", input.credentials.access_key_id);
  set("AWS_SECRET_ACCESS_KEY", input.credentials.secret_access_key);
  if (!input.credentials.session_token.empty()) set("AWS_SESSION_TOKEN", input.credentials.session_token);
  set("AWS_XRAY_CONTEXT_MISSING", "LOG_ERROR");
  set("AWS_XRAY_DAEMON_ADDRESS", "169.254.100.1:2000");
  set("_AWS_XRAY_DAEMON_ADDRESS", "169.254.100.1");
  set("_AWS_XRAY_DAEMON_PORT", "2000");
  set("LANG", "en_US.UTF-8");
  set("TZ", ":UTC");
  set("PATH", "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin");
  set("LD_LIBRARY_PATH",
      fmt::format("/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:{}:{}/lib:/opt/lib", root, root));
  if (configuration.log_format == "JSON") {
    set("AWS_LAMBDA_LOG_FORMAT", "JSON");
    set("AWS_LAMBDA_LOG_LEVEL",
        configuration.application_log_level.empty() ? "INFO" : configuration.application_log_level);
  }
  if (input.max_concurrency > 1) set("AWS_LAMBDA_MAX_CONCURRENCY", std::to_string(input.max_concurrency));
  std::vector<std::string> result;
  for (const auto& [name, value] : variables) result.push_back(fmt::format("{}={}", name, value));
  return result;
}

}  // namespace creel::emulator

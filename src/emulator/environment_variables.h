#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "emulator/function_registry.h"

namespace creel::emulator {

/// What a function's code may use to call AWS: the emulator's own, so that it reaches what its user can reach.
struct FunctionCredentials {
  std::string access_key_id = "AKIDEMULATOR";
  std::string secret_access_key = "emulator";
  std::string session_token = "emulator";
};

struct EnvironmentVariablesInput {
  std::string function_name;
  std::string version;
  std::string region;
  /// "host:port".
  std::string runtime_api;
  std::filesystem::path task_root;
  std::string log_stream;
  FunctionCredentials credentials;
  /// Told to the process if it is more than one.
  std::size_t max_concurrency = 1;
};

/// The environment of a process as the service gives it to a function with runtime provided.al2023: "NAME=value",
/// sorted. What the function's own configuration sets goes before.
std::vector<std::string> environment_variables(const FunctionConfiguration& configuration,
                                               const EnvironmentVariablesInput& input);

}  // namespace creel::emulator

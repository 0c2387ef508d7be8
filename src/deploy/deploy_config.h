#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "deploy/desired_function.h"

namespace creel::deploy {

/// What `creel.toml` says about functions: its table [deploy] and its
/// [[function]] tables. Other tables belong to others.
struct DeployConfig {
  /// Empty where the file says nothing.
  std::string region;
  std::string profile;
  /// The bucket that a zip of more than 50 MB goes through.
  std::string s3_bucket;
  std::vector<DesiredFunction> functions;
};

/// Reads the text of a configuration file. What [deploy] says holds for every
/// function that says nothing else; environment and tags are put together.
/// @param file  for messages, and what the paths of zips are relative to
/// @throws Failure bad_request  with file and line: not TOML, a key that is not
/// known, a value that cannot be, a function twice
DeployConfig parse_deploy_config(std::string_view text, const std::filesystem::path& file);

/// @throws Failure bad_request  also for a file that cannot be read
DeployConfig load_deploy_config(const std::filesystem::path& file);

/// The name of the role that is made for a function if the file names none: at
/// most 64 characters, and of the region, since its rights are.
std::string own_role_name(std::string_view function, std::string_view region);

}  // namespace creel::deploy

#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "aws/environment.h"
#include "aws/settings.h"
#include "deploy/deploy_config.h"

namespace CLI {
class App;
}

namespace creel {

/// What `creel deploy` was asked to do.
struct DeployOptions {
  std::string config = "creel.toml";
  /// Empty: all of the file.
  std::vector<std::string> functions;
  /// Instead of those of the file.
  std::string zip;
  std::string s3_bucket;
  bool plan_only = false;
  bool rollback = false;
  bool yes = false;
  bool json = false;
  bool no_smoke = false;
  bool force = false;
  std::chrono::milliseconds ready_within{300'000};
  aws::AwsFlags aws;
};

void add_deploy_flags(CLI::App& command, DeployOptions& options);

/// The functions of the configuration file, as the flags want them: those that were named, with the zip that was named;
/// none for creel's own function.
/// @throws Failure bad_request  also for a function that is not in the file
deploy::DeployConfig load_config(const DeployOptions& options);

/// Flags for AWS; what they and the environment leave open is as the file says.
aws::AwsFlags aws_flags(const DeployOptions& options, const deploy::DeployConfig& config,
                        const aws::Environment& environment);

}  // namespace creel

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "aws/iam_client.h"
#include "aws/lambda_function.h"
#include "aws/logs_client.h"

namespace creel::deploy {

/// A function as it was found, with all that belongs to it. What is not there
/// is nothing.
struct DeployedFunction {
  std::optional<aws::FunctionState> function{};
  std::optional<aws::FunctionAlias> alias{};
  /// Code and configuration of the version that the alias stands for.
  std::optional<aws::FunctionConfiguration> alias_version{};
  std::optional<aws::FunctionUrlConfiguration> url{};
  /// The ids of the statements that say who may call what the alias, or
  /// $LATEST if there is none, stands for.
  std::vector<std::string> permissions{};

  /// The role that is created for the function.
  std::optional<aws::IamRole> role{};
  std::optional<std::string> role_policy{};
  std::optional<aws::LogGroup> log_group{};

  /// False if the endpoint, an emulator, has no such service; then nothing is
  /// done about roles or log groups.
  bool has_iam = true;
  bool has_logs = true;
};

}  // namespace creel::deploy

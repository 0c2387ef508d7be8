#pragma once

#include <optional>
#include <string>
#include <vector>

#include "aws/lambda_control.h"
#include "base/task.h"
#include "deploy/desired_function.h"

namespace creel::deploy {

/// An alias that goes back to an earlier version.
struct Rollback {
  std::string function;
  std::string alias;
  std::string from;
  std::string to;
};

/// The version before `current`: the greatest of those that are smaller.
/// Nothing if there is none. Pure.
std::optional<std::string> version_before(const std::vector<aws::FunctionConfiguration>& versions,
                                          const std::string& current);

/// Looks at what a roll-back would do, and changes nothing.
/// @param lambda  must outlive the call
/// @throws Failure not_found (no function or alias) | bad_request (nothing to
/// go back to)
Task<Rollback> plan_rollback(aws::LambdaControl& lambda, DesiredFunction function);

}  // namespace creel::deploy

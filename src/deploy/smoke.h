#pragma once

#include <string>

#include "aws/lambda_invoker.h"
#include "base/clock.h"
#include "base/task.h"
#include "deploy/desired_function.h"

namespace creel::deploy {

struct SmokeVerdict {
  bool passed = false;
  /// What was answered, or what went wrong; one line.
  std::string text{};
};

/// What the answer to a smoke test means: it failed if the function did, or if
/// it answered {"statusCode": 400 or more}. Pure.
SmokeVerdict judge_smoke(const aws::LambdaAnswer& answer);

/// Calls the function, by its alias if it has one, as its configuration says.
/// It does not throw for a call that fails: that is the verdict.
/// @param invoker  must outlive the call
Task<SmokeVerdict> run_smoke_test(aws::LambdaInvoker& invoker, DesiredFunction function, SteadyTime deadline);

}  // namespace creel::deploy

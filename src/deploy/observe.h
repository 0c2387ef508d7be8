#pragma once

#include <string>

#include "aws/iam_client.h"
#include "aws/lambda_control.h"
#include "aws/logs_client.h"
#include "base/task.h"
#include "deploy/deployed_function.h"
#include "deploy/desired_function.h"

namespace creel::deploy {

/// The services that a deployment talks to. All of them must outlive it.
struct DeployServices {
  aws::LambdaControl& lambda;
  aws::LambdaInvoker& invoker;
  aws::IamClient& iam;
  aws::LogsClient& logs;
};

/// Looks at what is deployed of a function, and changes nothing.
/// @param services  must outlive the call
/// @throws ServiceError, and what `ServiceTransport::execute` throws
Task<DeployedFunction> observe(DeployServices services, DesiredFunction desired, std::string region);

/// The name of the role that is made for a function; empty if it has one that
/// is there already.
std::string own_role_of(const DesiredFunction& desired, const std::string& region);

}  // namespace creel::deploy

#include "deploy/observe.h"

#include <algorithm>
#include <array>

#include "deploy/deploy_config.h"
#include "deploy/role_policy.h"

namespace creel::deploy {
namespace {

/// True if what answered is no service of this kind at all: an emulator of Lambda answers so when it is asked for roles
/// or logs.
bool is_other_service(const aws::ServiceError& error, const aws::ServiceEndpoint& endpoint) {
  constexpr std::array kStatuses = {404, 405, 415, 501};
  if (endpoint.is_aws()) return false;
  return std::ranges::find(kStatuses, error.fault().status) != kStatuses.end() ||
         error.fault().code == "UnknownOperationException";
}

Task<void> observe_role(aws::IamClient& iam, std::string name, std::string policy, DeployedFunction* deployed) {
  try {
    deployed->role = co_await iam.get_role(name);
    if (deployed->role) deployed->role_policy = co_await iam.get_role_policy(name, policy);
  } catch (const aws::ServiceError& error) {
    if (!is_other_service(error, iam.endpoint())) throw;
    deployed->has_iam = false;
  }
}

Task<void> observe_logs(aws::LogsClient& logs, std::string group, DeployedFunction* deployed) {
  try {
    deployed->log_group = co_await logs.find_group(group);
  } catch (const aws::ServiceError& error) {
    if (!is_other_service(error, logs.endpoint())) throw;
    deployed->has_logs = false;
  }
}

}  // namespace

std::string own_role_of(const DesiredFunction& desired, const std::string& region) {
  const auto* own = std::get_if<OwnRole>(&desired.role);
  if (own == nullptr) return {};
  return own->name.empty() ? own_role_name(desired.name, region) : own->name;
}

Task<DeployedFunction> observe(DeployServices services, DesiredFunction desired, std::string region) {
  DeployedFunction deployed;
  const auto role = own_role_of(desired, region);
  if (!role.empty()) co_await observe_role(services.iam, role, role_policy_name(desired.name), &deployed);
  if (desired.log_retention_days) co_await observe_logs(services.logs, desired.log_group(), &deployed);

  deployed.function = co_await services.lambda.get_function(desired.name);
  if (!deployed.function) co_return deployed;
  if (!desired.alias.empty()) {
    deployed.alias = co_await services.lambda.get_alias(desired.name, desired.alias);
    if (deployed.alias) {
      deployed.alias_version = co_await services.lambda.get_configuration(desired.name, deployed.alias->version);
    }
  }
  // An alias that is not there has no address and no policy.
  if (desired.url && (desired.alias.empty() || deployed.alias)) {
    deployed.url = co_await services.lambda.get_url(desired.name, desired.alias);
    deployed.permissions = co_await services.lambda.get_permissions(desired.name, desired.alias);
  }
  co_return deployed;
}

}  // namespace creel::deploy

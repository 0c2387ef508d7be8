#include "aws/web_identity_credentials.h"

#include <fmt/format.h>

#include "aws/settings.h"
#include "aws/sts_client.h"
#include "aws/token_file.h"

namespace creel::aws {

std::string made_up_session_name(const Clock& clock) {
  const auto since_epoch = std::chrono::floor<std::chrono::seconds>(clock.now().time_since_epoch());
  return fmt::format("creel-{}", since_epoch.count());
}

Task<Credentials> assume_web_identity(const CredentialsContext& context, WebIdentity identity) {
  StsClient sts(context, identity.region);
  RoleRequest role{.role_arn = identity.role_arn, .session_name = identity.session_name};
  if (role.session_name.empty()) role.session_name = made_up_session_name(context.clock);
  co_return co_await sts.assume_role_with_web_identity(role, Secret(read_token_file(identity.token_file)));
}

Task<CredentialsSearch> WebIdentityCredentials::find() {
  const auto& environment = context_.environment;
  const auto token_file = environment.find("AWS_WEB_IDENTITY_TOKEN_FILE");
  if (!token_file) co_return NothingFound{"AWS_WEB_IDENTITY_TOKEN_FILE is not set"};
  const auto role = environment.find("AWS_ROLE_ARN");
  if (!role) throw Failure(FailureKind::bad_auth, "AWS_WEB_IDENTITY_TOKEN_FILE is set, but AWS_ROLE_ARN is not");
  co_return co_await assume_web_identity(context_,
                                         {.token_file = *token_file,
                                          .role_arn = *role,
                                          .session_name = environment.find("AWS_ROLE_SESSION_NAME").value_or(""),
                                          .region = region_or_default(environment, std::nullopt)});
}

}  // namespace creel::aws

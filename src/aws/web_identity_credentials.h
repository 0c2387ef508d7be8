#pragma once

#include <string>

#include "aws/credentials_source.h"

namespace creel::aws {

/// A role that a token from somebody else, in a file that he renews, gives a
/// right to.
struct WebIdentity {
  std::string token_file;
  std::string role_arn;
  /// Empty: one is made up.
  std::string session_name;
  std::string region;
};

/// Takes the role on. @throws Failure as `StsClient`
Task<Credentials> assume_web_identity(const CredentialsContext& context, WebIdentity identity);

/// A session name for those who gave none.
std::string made_up_session_name(const Clock& clock);

/// AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN, as in a pod with an IAM role.
class WebIdentityCredentials final : public CredentialsSource {
 public:
  explicit WebIdentityCredentials(const CredentialsContext& context) : context_(context) {}

  std::string_view name() const override { return "web identity token"; }
  Task<CredentialsSearch> find() override;

 private:
  const CredentialsContext& context_;
};

}  // namespace creel::aws

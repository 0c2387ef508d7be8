#pragma once

#include "aws/credentials_source.h"

namespace creel::aws {

/// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN and
/// AWS_CREDENTIAL_EXPIRATION.
class EnvironmentCredentials final : public CredentialsSource {
 public:
  explicit EnvironmentCredentials(const CredentialsContext& context) : context_(context) {}

  std::string_view name() const override { return "environment variables"; }
  Task<CredentialsSearch> find() override;

 private:
  const CredentialsContext& context_;
};

}  // namespace creel::aws

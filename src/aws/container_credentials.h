#pragma once

#include "aws/credentials_source.h"

namespace creel::aws {

/// The endpoint that ECS, EKS Pod Identity and their like give their
/// containers: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or
/// AWS_CONTAINER_CREDENTIALS_FULL_URI, with
/// AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE or AWS_CONTAINER_AUTHORIZATION_TOKEN.
/// A full URI must be https or name this machine or one of the endpoints' own
/// addresses. Source:
/// https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
class ContainerCredentials final : public CredentialsSource {
 public:
  explicit ContainerCredentials(const CredentialsContext& context) : context_(context) {}

  std::string_view name() const override { return "container credentials endpoint"; }
  Task<CredentialsSearch> find() override;

 private:
  const CredentialsContext& context_;
};

}  // namespace creel::aws

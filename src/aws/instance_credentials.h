#pragma once

#include "aws/credentials_source.h"

namespace creel::aws {

/// The role of an EC2 instance, from version 2 of its metadata service. A
/// machine without one answers nothing there, so that the wait is short:
/// AWS_METADATA_SERVICE_TIMEOUT seconds (1) for each of
/// AWS_METADATA_SERVICE_NUM_ATTEMPTS (1). AWS_EC2_METADATA_DISABLED=true
/// switches it off; AWS_EC2_METADATA_SERVICE_ENDPOINT, or
/// AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE=IPv6, says where it is.
/// Source:
/// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html
class InstanceCredentials final : public CredentialsSource {
 public:
  explicit InstanceCredentials(const CredentialsContext& context) : context_(context) {}

  std::string_view name() const override { return "EC2 instance metadata"; }
  Task<CredentialsSearch> find() override;

 private:
  Task<CredentialsSearch> ask(Url endpoint, std::chrono::milliseconds timeout);
  Task<std::string> get(Url url, std::string token, SteadyTime deadline);

  const CredentialsContext& context_;
};

}  // namespace creel::aws

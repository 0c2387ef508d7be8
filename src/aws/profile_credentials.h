#pragma once

#include <string>
#include <vector>

#include "aws/credentials_source.h"
#include "aws/shared_config.h"

namespace creel::aws {

/// A profile of the shared files. In the order of the AWS tools: a role to be
/// taken on (`role_arn` with `source_profile` or `credential_source`), a web
/// identity (`role_arn` with `web_identity_token_file`), keys, a program
/// (`credential_process`). The files are read anew each time, since other tools
/// renew what is in them. Source:
/// https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html
class ProfileCredentials final : public CredentialsSource {
 public:
  /// @param profile  by flag; empty: AWS_PROFILE, else "default"
  ProfileCredentials(const CredentialsContext& context, std::string profile)
      : context_(context), profile_flag_(std::move(profile)) {}

  std::string_view name() const override { return "shared files"; }

  /// @throws Failure bad_auth  also for a profile that was asked for and does
  /// not exist
  Task<CredentialsSearch> find() override;

 private:
  /// @param used  the profiles whose roles lead here: a circle is refused
  Task<CredentialsSearch> from_profile(SharedConfig config, Profile profile, std::vector<std::string> used);
  Task<Credentials> from_role(SharedConfig config, Profile profile, std::vector<std::string> used);
  Task<Credentials> role_caller(SharedConfig config, Profile profile, std::vector<std::string> used);
  Task<Credentials> from_process(Profile profile);

  const CredentialsContext& context_;
  std::string profile_flag_;
};

}  // namespace creel::aws

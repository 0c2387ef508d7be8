#pragma once

#include <optional>
#include <string>

#include "aws/environment.h"
#include "aws/shared_config.h"

namespace creel::aws {

/// The region of those who name none; S3 then says in which one a bucket is.
inline constexpr std::string_view kDefaultRegion = "us-east-1";

/// What a command line may say about AWS; empty where it says nothing.
struct AwsFlags {
  std::string profile;
  std::string region;
  std::string endpoint_url;
};

/// What is to be used, from the flags, the environment and the profile, in this
/// order.
struct AwsSettings {
  std::string region;
  /// Of a compatible service: the flag, AWS_ENDPOINT_URL_<SERVICE>,
  /// AWS_ENDPOINT_URL or the profile's `endpoint_url`. Empty for AWS itself.
  std::string endpoint_url;
  /// AWS_CA_BUNDLE or the profile's `ca_bundle`; empty for the system's
  /// certificates.
  std::string ca_file;
};

/// @param service  whose endpoint it is, as in the variable's name: "S3",
/// "LAMBDA"
/// @throws Failure bad_auth  for a profile that does not exist, or files that
/// cannot be understood
AwsSettings find_settings(const AwsFlags& flags, const Environment& environment, std::string_view service = "S3");

/// AWS_REGION, AWS_DEFAULT_REGION, the profile's `region`, or `kDefaultRegion`.
std::string region_or_default(const Environment& environment, const std::optional<Profile>& profile);

}  // namespace creel::aws

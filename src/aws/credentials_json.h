#pragma once

#include <string_view>

#include "aws/credentials.h"

namespace creel::aws {

/// The answer of a container's credentials endpoint or of the instance metadata
/// service:
/// {"AccessKeyId", "SecretAccessKey", "Token", "Expiration"}, with {"Code":
/// "Success"} where it has a code.
/// @throws Failure bad_auth  for anything else
Credentials parse_endpoint_credentials(std::string_view json);

/// What a `credential_process` prints:
/// {"Version": 1, "AccessKeyId", "SecretAccessKey", "SessionToken"?,
/// "Expiration"?}. Source:
/// https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html
/// @throws Failure bad_auth  for anything else
Credentials parse_process_credentials(std::string_view json);

}  // namespace creel::aws

#include "aws/environment_credentials.h"

#include "aws/amz_time.h"

namespace creel::aws {

Task<CredentialsSearch> EnvironmentCredentials::find() {
  const auto& environment = context_.environment;
  const auto id = environment.find("AWS_ACCESS_KEY_ID");
  if (!id) co_return NothingFound{"AWS_ACCESS_KEY_ID is not set"};
  const auto secret = environment.find("AWS_SECRET_ACCESS_KEY");
  if (!secret) throw Failure(FailureKind::bad_auth, "AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not");

  Credentials credentials{.access_key_id = *id,
                          .secret_access_key = Secret(*secret),
                          .session_token = Secret(environment.find("AWS_SESSION_TOKEN").value_or(""))};
  if (const auto expiration = environment.find("AWS_CREDENTIAL_EXPIRATION")) {
    credentials.expires_at = parse_iso_time(*expiration);
    if (!credentials.expires_at) throw Failure(FailureKind::bad_auth, "AWS_CREDENTIAL_EXPIRATION is no time");
  }
  co_return credentials;
}

}  // namespace creel::aws

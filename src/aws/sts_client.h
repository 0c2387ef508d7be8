#pragma once

#include <chrono>
#include <string>

#include "aws/credentials.h"
#include "aws/credentials_source.h"
#include "aws/sigv4.h"

namespace creel::aws {

/// A role to be taken on.
struct RoleRequest {
  std::string role_arn;
  std::string session_name;
  /// Empty for none.
  std::string external_id{};
  /// Zero for the service's own, an hour.
  std::chrono::seconds duration{0};
};

/// Gives out short-lived credentials for a role. Threads: its own event loop.
/// Source: https://docs.aws.amazon.com/STS/latest/APIReference/
class StsClient {
 public:
  /// The endpoint is AWS_ENDPOINT_URL_STS, AWS_ENDPOINT_URL or the region's
  /// own.
  /// @param context  must outlive the client
  StsClient(const CredentialsContext& context, std::string region);

  /// @throws Failure bad_auth  refused; and what `HttpClient::send` throws
  Task<Credentials> assume_role_with_web_identity(RoleRequest role, Secret token);
  Task<Credentials> assume_role(RoleRequest role, Credentials caller);

 private:
  Task<Credentials> call(QueryParameters parameters, Credentials caller);
  HttpRequest signed_request(std::string_view body, const Credentials& caller);

  const CredentialsContext& context_;
  std::string region_;
  Url endpoint_;
  SigV4Signer signer_{"sts", SigV4Flavour::general};
};

}  // namespace creel::aws

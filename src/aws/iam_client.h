#pragma once

#include <optional>
#include <string>

#include "aws/service_transport.h"

namespace creel::aws {

struct IamRole {
  std::string name;
  std::string arn;
  /// Who may take it on: a policy document, JSON.
  std::string trust_policy;

  bool operator==(const IamRole&) const = default;
};

struct NewIamRole {
  std::string name;
  std::string trust_policy;
  std::string description{};
};

/// Roles and their inline policies, over IAM's Query API. Threads: its own
/// event loop. Source: https://docs.aws.amazon.com/IAM/latest/APIReference/
class IamClient {
 public:
  /// @param region  decides on the partition; all regions of one share their
  /// roles
  /// @param endpoint_url  of a compatible service; empty for AWS
  /// @throws Failure bad_url
  IamClient(ServiceContext context, const std::string& region, const std::string& endpoint_url);

  /// All of these throw ServiceError, and what `ServiceTransport::execute`
  /// throws. What is not there is nothing, not an error.
  Task<std::optional<IamRole>> get_role(std::string name);
  Task<IamRole> create_role(NewIamRole role);

  /// The document of an inline policy, JSON.
  Task<std::optional<std::string>> get_role_policy(std::string role, std::string policy);
  Task<void> put_role_policy(std::string role, std::string policy, std::string document);

  const ServiceEndpoint& endpoint() const { return transport_.endpoint(); }

 private:
  Task<std::string> call(std::string action, QueryParameters parameters);
  Task<std::optional<std::string>> find(std::string action, QueryParameters parameters);

  ServiceTransport transport_;
};

}  // namespace creel::aws

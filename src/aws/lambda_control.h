#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "aws/lambda_client.h"
#include "aws/lambda_function.h"
#include "aws/service_transport.h"

namespace creel::aws {

/// What a function is set to.
struct FunctionSettings {
  std::string runtime;
  std::string handler;
  std::string role;
  std::string description{};
  int memory_mb = 128;
  int timeout_seconds = 3;
  int ephemeral_storage_mb = 512;
  std::map<std::string, std::string> environment{};
};

/// A zip in memory; the bytes must outlive the call.
struct ZipBytes {
  std::string_view bytes;
};

/// A zip in a bucket of the function's region.
struct ZipInBucket {
  std::string bucket;
  std::string key;
};

using FunctionCode = std::variant<ZipBytes, ZipInBucket>;

struct NewFunction {
  std::string name;
  /// "x86_64" or "arm64".
  std::string architecture;
  FunctionSettings settings;
  FunctionCode code;
  std::map<std::string, std::string> tags{};
};

/// Creates and changes functions, over Lambda's control plane. Threads: its
/// own event loop. Source:
/// https://docs.aws.amazon.com/lambda/latest/api/API_Operations.html
class LambdaControl {
 public:
  /// @throws Failure bad_url
  LambdaControl(ServiceContext context, const LambdaOptions& options);

  // All of these throw ServiceError, and what `ServiceTransport::execute`
  // throws. What is not there is nothing, not an error. `qualifier` is a
  // version or an alias, empty for $LATEST.

  Task<std::optional<FunctionState>> get_function(std::string name);
  Task<std::optional<FunctionConfiguration>> get_configuration(std::string name, std::string qualifier);
  Task<FunctionConfiguration> create_function(NewFunction function);
  Task<FunctionConfiguration> update_code(std::string name, FunctionCode code, std::string architecture);
  Task<FunctionConfiguration> update_configuration(std::string name, FunctionSettings settings);

  /// If nothing has changed since the last version was published, that one is
  /// the answer.
  /// @param code_sha256  refused if the code is another by now
  Task<FunctionConfiguration> publish_version(std::string name, std::string code_sha256);
  /// Those that were published, the oldest first.
  Task<std::vector<FunctionConfiguration>> list_versions(std::string name);

  Task<std::optional<FunctionAlias>> get_alias(std::string name, std::string alias);
  Task<FunctionAlias> create_alias(std::string name, std::string alias, std::string version);
  Task<FunctionAlias> update_alias(std::string name, std::string alias, std::string version);

  Task<void> put_concurrency(std::string name, int reserved);
  Task<void> delete_concurrency(std::string name);

  Task<void> tag(std::string arn, std::map<std::string, std::string> tags);
  Task<void> untag(std::string arn, std::vector<std::string> keys);

  Task<std::optional<FunctionUrlConfiguration>> get_url(std::string name, std::string qualifier);
  /// @param wanted  its `url` is not looked at
  Task<FunctionUrlConfiguration> create_url(std::string name, std::string qualifier, FunctionUrlConfiguration wanted);
  Task<FunctionUrlConfiguration> update_url(std::string name, std::string qualifier, FunctionUrlConfiguration wanted);
  Task<void> delete_url(std::string name, std::string qualifier);

  /// The ids of the statements that say who may call the function.
  Task<std::vector<std::string>> get_permissions(std::string name, std::string qualifier);
  /// One that is there already is left as it is.
  Task<void> add_permission(std::string name, std::string qualifier, FunctionPermission permission);
  Task<void> remove_permission(std::string name, std::string qualifier, std::string statement_id);

  const ServiceEndpoint& endpoint() const { return transport_.endpoint(); }

 private:
  struct Operation;
  Task<std::string> call(Operation operation);
  Task<std::optional<std::string>> find(Operation operation);

  ServiceTransport transport_;
};

}  // namespace creel::aws

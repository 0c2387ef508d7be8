#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace creel::aws {

/// A function's code and configuration as the service has them.
struct FunctionConfiguration {
  std::string name;
  std::string arn;
  /// "$LATEST" or a number.
  std::string version;
  std::string runtime;
  std::string handler;
  std::string role;
  std::string description;
  int memory_mb = 0;
  int timeout_seconds = 0;
  int ephemeral_storage_mb = 512;
  /// "x86_64" or "arm64".
  std::string architecture;
  std::map<std::string, std::string> environment;
  /// Base64 of the zip's SHA-256.
  std::string code_sha256;
  std::uint64_t code_size = 0;
  std::string revision_id;

  /// "Pending", "Active", "Inactive", "Failed"; and why.
  std::string state;
  std::string state_reason;
  /// "Successful", "Failed", "InProgress"; and why.
  std::string last_update_status;
  std::string last_update_reason;
};

struct FunctionState {
  FunctionConfiguration configuration;
  std::map<std::string, std::string> tags;
  std::optional<int> reserved_concurrency;
};

struct FunctionAlias {
  std::string name;
  std::string version;
  std::string description;
  std::string revision_id;
};

/// The web address of a function or of one of its aliases.
struct FunctionUrlConfiguration {
  std::string url;
  /// "NONE" or "AWS_IAM".
  std::string auth_type;
  /// "BUFFERED" or "RESPONSE_STREAM".
  std::string invoke_mode;
};

/// A statement of the policy that says who may call a function.
struct FunctionPermission {
  std::string statement_id;
  std::string action;
  std::string principal;
  /// "NONE" or "AWS_IAM"; empty for no such condition.
  std::string url_auth_type{};
  /// Only calls that come through the function's URL.
  bool via_url_only = false;
};

/// These read the service's JSON, and leave what is absent as it is.
/// @throws Failure server_error  it is no JSON object
FunctionConfiguration parse_function_configuration(std::string_view text);
FunctionState parse_function_state(std::string_view text);
FunctionAlias parse_function_alias(std::string_view text);
FunctionUrlConfiguration parse_function_url(std::string_view text);
/// The ids of the statements of a policy, as GetPolicy answers with it.
std::vector<std::string> parse_policy_statements(std::string_view text);

/// A page of ListVersionsByFunction: its versions in their order, and where the
/// next page begins, empty after the last.
struct VersionPage {
  std::vector<FunctionConfiguration> versions;
  std::string next_marker;
};
VersionPage parse_version_page(std::string_view text);

}  // namespace creel::aws

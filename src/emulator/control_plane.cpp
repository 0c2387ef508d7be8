#include "emulator/control_plane.h"

#include <span>

#include <fmt/format.h>

#include "base/failure.h"
#include "base/text.h"
#include "emulator/control_operations.h"
#include "emulator/service_error.h"

namespace creel::emulator {
namespace {

constexpr std::size_t kMaxRequestBytes = 70'167'211;

using Operation = HttpReply (*)(ControlState&, const ControlRequest&);
using CodeOperation = Task<HttpReply> (*)(ControlState&, ControlRequest);

/// An operation of the service: where it is found and what carries it out.
struct Route {
  std::string_view method;
  /// "{}" stands for one part of the path.
  std::string_view path;
  std::string_view name;
  Operation run = nullptr;
  /// Set for those that unpack code, and take their time.
  CodeOperation run_with_code = nullptr;
};

#define CREEL_FUNCTIONS "2015-03-31/functions"
constexpr std::string_view kFunction = CREEL_FUNCTIONS "/{}";
constexpr std::string_view kConfiguration = CREEL_FUNCTIONS "/{}/configuration";
constexpr std::string_view kCode = CREEL_FUNCTIONS "/{}/code";
constexpr std::string_view kVersions = CREEL_FUNCTIONS "/{}/versions";
constexpr std::string_view kAliases = CREEL_FUNCTIONS "/{}/aliases";
constexpr std::string_view kAlias = CREEL_FUNCTIONS "/{}/aliases/{}";
constexpr std::string_view kPolicy = CREEL_FUNCTIONS "/{}/policy";
constexpr std::string_view kStatement = CREEL_FUNCTIONS "/{}/policy/{}";
constexpr std::string_view kFunctions = CREEL_FUNCTIONS;
#undef CREEL_FUNCTIONS
constexpr std::string_view kUrl = "2021-10-31/functions/{}/url";
constexpr std::string_view kUrls = "2021-10-31/functions/{}/urls";
constexpr std::string_view kTags = "2017-03-31/tags/{}";
constexpr std::string_view kPutConcurrency = "2017-10-31/functions/{}/concurrency";
constexpr std::string_view kGetConcurrency = "2019-09-30/functions/{}/concurrency";
constexpr std::string_view kProvisioned = "2019-09-30/functions/{}/provisioned-concurrency";
constexpr std::string_view kEventConfig = "2019-09-25/functions/{}/event-invoke-config";
constexpr std::string_view kEventConfigs = "2019-09-25/functions/{}/event-invoke-config/list";
constexpr std::string_view kAccount = "2016-08-19/account-settings";
constexpr std::string_view kCodeSigning = "2020-06-30/functions/{}/code-signing-config";
constexpr std::string_view kRuntimeManagement = "2021-07-20/functions/{}/runtime-management-config";
constexpr std::string_view kRecursion = "2024-08-31/functions/{}/recursion-config";
/// Our own: where GetFunction says that the code is.
constexpr std::string_view kFunctionCode = "function-code/{}/{}";

constexpr Route kRoutes[] = {
    {"POST", kFunctions, "CreateFunction", nullptr, create_function},
    {"GET", kFunctions, "ListFunctions", list_functions},
    {"GET", kFunction, "GetFunction", get_function},
    {"DELETE", kFunction, "DeleteFunction", delete_function},
    {"GET", kConfiguration, "GetFunctionConfiguration", get_function_configuration},
    {"PUT", kConfiguration, "UpdateFunctionConfiguration", update_function_configuration},
    {"PUT", kCode, "UpdateFunctionCode", nullptr, update_function_code},
    {"POST", kVersions, "PublishVersion", publish_version},
    {"GET", kVersions, "ListVersionsByFunction", list_versions},
    {"POST", kAliases, "CreateAlias", create_alias},
    {"GET", kAliases, "ListAliases", list_aliases},
    {"GET", kAlias, "GetAlias", get_alias},
    {"PUT", kAlias, "UpdateAlias", update_alias},
    {"DELETE", kAlias, "DeleteAlias", delete_alias},
    {"POST", kPolicy, "AddPermission", add_permission},
    {"GET", kPolicy, "GetPolicy", get_policy},
    {"DELETE", kStatement, "RemovePermission", remove_permission},
    {"POST", kUrl, "CreateFunctionUrlConfig", create_url},
    {"GET", kUrl, "GetFunctionUrlConfig", get_url},
    {"PUT", kUrl, "UpdateFunctionUrlConfig", update_url},
    {"DELETE", kUrl, "DeleteFunctionUrlConfig", delete_url},
    {"GET", kUrls, "ListFunctionUrlConfigs", list_urls},
    {"GET", kTags, "ListTags", list_tags},
    {"POST", kTags, "TagResource", tag_resource},
    {"DELETE", kTags, "UntagResource", untag_resource},
    {"PUT", kPutConcurrency, "PutFunctionConcurrency", put_concurrency},
    {"GET", kGetConcurrency, "GetFunctionConcurrency", get_concurrency},
    {"DELETE", kPutConcurrency, "DeleteFunctionConcurrency", delete_concurrency},
    {"PUT", kEventConfig, "PutFunctionEventInvokeConfig", put_event_invoke_config},
    {"POST", kEventConfig, "UpdateFunctionEventInvokeConfig", update_event_invoke_config},
    {"GET", kEventConfig, "GetFunctionEventInvokeConfig", get_event_invoke_config},
    {"DELETE", kEventConfig, "DeleteFunctionEventInvokeConfig", delete_event_invoke_config},
    {"GET", kEventConfigs, "ListFunctionEventInvokeConfigs", list_event_invoke_configs},
    {"GET", kAccount, "GetAccountSettings", get_account_settings},
    {"GET", kCodeSigning, "GetFunctionCodeSigningConfig", get_code_signing},
    {"GET", kRuntimeManagement, "GetRuntimeManagementConfig", get_runtime_management},
    {"GET", kRecursion, "GetFunctionRecursionConfig", get_recursion},
    {"GET", kProvisioned, "ListProvisionedConcurrencyConfigs", list_provisioned_concurrency},
    {"GET", kFunctionCode, "the code of a function", get_function_code},
};

/// The parts of a path that stand for "{}", decoded; nothing if the path is another.
std::optional<std::vector<std::string>> match(std::string_view pattern, std::span<const std::string_view> path) {
  const auto parts = split(pattern, '/');
  if (parts.size() != path.size()) return std::nullopt;
  std::vector<std::string> found;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i] == "{}") {
      found.push_back(percent_decode(path[i]));
    } else if (parts[i] != path[i]) {
      return std::nullopt;
    }
  }
  return found;
}

std::vector<std::string_view> path_parts(std::string_view path) {
  while (path.starts_with('/')) path.remove_prefix(1);
  while (path.ends_with('/')) path.remove_suffix(1);
  const auto parts = split(path, '/');
  return {parts.begin(), parts.end()};
}

std::pair<const Route*, ControlRequest> find_route(std::string_view method, std::string_view path) {
  const auto parts = path_parts(path);
  for (const auto& route : kRoutes) {
    if (route.method != method) continue;
    if (auto found = match(route.path, parts)) {
      ControlRequest request;
      request.path_parameters = std::move(*found);
      return {&route, std::move(request)};
    }
  }
  throw ServiceError(404, "UnknownOperationException",
                     fmt::format("The emulator has no operation for {} {}", method, path));
}

}  // namespace

/// Finds what a request is for, reads it and lets it be carried out.
class ControlPlane::Routes {
 public:
  explicit Routes(ControlPlaneParts parts) : state_(std::move(parts)) {}

  Task<HttpReply> handle(HttpCall& call) {
    auto [route, request] = find_route(call.method(), call.path());
    request.query = parse_query(call.query());
    const auto body = co_await read_body(call, route->name);
    request.body = parse_body(body);
    state_.parts().log->debug("{} {}", route->name, fmt::join(request.path_parameters, " "));
    if (route->run != nullptr) co_return route->run(state_, request);
    co_return co_await route->run_with_code(state_, std::move(request));
  }

 private:
  static Task<std::string> read_body(HttpCall& call, std::string_view operation) {
    try {
      co_return co_await call.read_body(kMaxRequestBytes);
    } catch (const Failure& failure) {
      if (failure.kind() != FailureKind::too_large) throw;
      throw ServiceError(
          413, "RequestEntityTooLargeException",
          fmt::format("Request must be smaller than {} bytes for the {} operation", kMaxRequestBytes, operation));
    }
  }

  ControlState state_;
};

ControlPlane::ControlPlane(ControlPlaneParts parts) : routes_(std::make_unique<Routes>(std::move(parts))) {}

ControlPlane::~ControlPlane() = default;

Task<HttpReply> ControlPlane::handle(HttpCall& call) {
  return routes_->handle(call);
}

}  // namespace creel::emulator

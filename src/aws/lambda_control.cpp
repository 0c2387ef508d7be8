#include "aws/lambda_control.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/base64.h"

namespace creel::aws {
namespace json = boost::json;
namespace {

constexpr auto kFunctions = "2015-03-31";
constexpr auto kUrls = "2021-10-31";
constexpr auto kConcurrency = "2017-10-31";
constexpr auto kTags = "2017-03-31";
/// 50 MB, a third more in base64, over a slow line.
constexpr std::chrono::minutes kUploadTimeout{15};

json::object object_of(const std::map<std::string, std::string>& texts) {
  json::object object;
  for (const auto& [name, value] : texts) object[name] = value;
  return object;
}

void add_code(json::object& to, const FunctionCode& code) {
  if (const auto* zip = std::get_if<ZipBytes>(&code)) {
    to["ZipFile"] = base64_encode(zip->bytes);
    return;
  }
  const auto& stored = std::get<ZipInBucket>(code);
  to["S3Bucket"] = stored.bucket;
  to["S3Key"] = stored.key;
}

void add_settings(json::object& to, const FunctionSettings& settings) {
  to["Runtime"] = settings.runtime;
  to["Handler"] = settings.handler;
  to["Role"] = settings.role;
  to["Description"] = settings.description;
  to["MemorySize"] = settings.memory_mb;
  to["Timeout"] = settings.timeout_seconds;
  to["EphemeralStorage"] = json::object{{"Size", settings.ephemeral_storage_mb}};
  to["Environment"] = json::object{{"Variables", object_of(settings.environment)}};
}

QueryParameters qualified(const std::string& qualifier) {
  if (qualifier.empty()) return {};
  return {{"Qualifier", qualifier}};
}

json::object url_settings(const FunctionUrlConfiguration& wanted) {
  return {{"AuthType", wanted.auth_type}, {"InvokeMode", wanted.invoke_mode}};
}

json::object statement_of(const FunctionPermission& permission) {
  json::object statement{
      {"StatementId", permission.statement_id}, {"Action", permission.action}, {"Principal", permission.principal}};
  if (!permission.url_auth_type.empty()) statement["FunctionUrlAuthType"] = permission.url_auth_type;
  if (permission.via_url_only) statement["InvokedViaFunctionUrl"] = true;
  return statement;
}

}  // namespace

/// One call of the control plane.
struct LambdaControl::Operation {
  /// Its name in the API reference.
  std::string name;
  std::string of;
  HttpMethod method = HttpMethod::get;
  std::vector<std::string> path;
  QueryParameters query{};
  std::optional<json::object> body{};
  std::chrono::milliseconds timeout{0};
};

LambdaControl::LambdaControl(ServiceContext context, const LambdaOptions& options)
    : transport_(std::move(context), service_options(options)) {}

Task<std::optional<FunctionState>> LambdaControl::get_function(std::string name) {
  const auto body = co_await find({.name = "GetFunction", .of = name, .path = {kFunctions, "functions", name}});
  if (!body) co_return std::nullopt;
  co_return parse_function_state(*body);
}

Task<std::optional<FunctionConfiguration>> LambdaControl::get_configuration(std::string name, std::string qualifier) {
  const auto body = co_await find({.name = "GetFunctionConfiguration",
                                   .of = name,
                                   .path = {kFunctions, "functions", name, "configuration"},
                                   .query = qualified(qualifier)});
  if (!body) co_return std::nullopt;
  co_return parse_function_configuration(*body);
}

Task<FunctionConfiguration> LambdaControl::create_function(NewFunction function) {
  json::object body{{"FunctionName", function.name}, {"Architectures", json::array{function.architecture}}};
  add_settings(body, function.settings);
  json::object code;
  add_code(code, function.code);
  body["Code"] = std::move(code);
  if (!function.tags.empty()) body["Tags"] = object_of(function.tags);
  const auto answer = co_await call({.name = "CreateFunction",
                                     .of = function.name,
                                     .method = HttpMethod::post,
                                     .path = {kFunctions, "functions"},
                                     .body = std::move(body),
                                     .timeout = kUploadTimeout});
  co_return parse_function_configuration(answer);
}

Task<FunctionConfiguration> LambdaControl::update_code(std::string name, FunctionCode code, std::string architecture) {
  json::object body{{"Architectures", json::array{architecture}}};
  add_code(body, code);
  const auto answer = co_await call({.name = "UpdateFunctionCode",
                                     .of = name,
                                     .method = HttpMethod::put,
                                     .path = {kFunctions, "functions", name, "code"},
                                     .body = std::move(body),
                                     .timeout = kUploadTimeout});
  co_return parse_function_configuration(answer);
}

Task<FunctionConfiguration> LambdaControl::update_configuration(std::string name, FunctionSettings settings) {
  json::object body;
  add_settings(body, settings);
  const auto answer = co_await call({.name = "UpdateFunctionConfiguration",
                                     .of = name,
                                     .method = HttpMethod::put,
                                     .path = {kFunctions, "functions", name, "configuration"},
                                     .body = std::move(body)});
  co_return parse_function_configuration(answer);
}

Task<FunctionConfiguration> LambdaControl::publish_version(std::string name, std::string code_sha256) {
  const auto answer = co_await call({.name = "PublishVersion",
                                     .of = name,
                                     .method = HttpMethod::post,
                                     .path = {kFunctions, "functions", name, "versions"},
                                     .body = json::object{{"CodeSha256", code_sha256}}});
  co_return parse_function_configuration(answer);
}

Task<std::vector<FunctionConfiguration>> LambdaControl::list_versions(std::string name) {
  std::vector<FunctionConfiguration> versions;
  std::string marker;
  do {
    QueryParameters query{{"MaxItems", "50"}};
    if (!marker.empty()) query.emplace_back("Marker", marker);
    const auto answer = co_await call({.name = "ListVersionsByFunction",
                                       .of = name,
                                       .path = {kFunctions, "functions", name, "versions"},
                                       .query = std::move(query)});
    auto page = parse_version_page(answer);
    for (auto& version : page.versions) {
      if (version.version != "$LATEST") versions.push_back(std::move(version));
    }
    marker = std::move(page.next_marker);
  } while (!marker.empty());
  co_return versions;
}

Task<std::optional<FunctionAlias>> LambdaControl::get_alias(std::string name, std::string alias) {
  const auto body =
      co_await find({.name = "GetAlias", .of = name, .path = {kFunctions, "functions", name, "aliases", alias}});
  if (!body) co_return std::nullopt;
  co_return parse_function_alias(*body);
}

Task<FunctionAlias> LambdaControl::create_alias(std::string name, std::string alias, std::string version) {
  const auto answer = co_await call({.name = "CreateAlias",
                                     .of = name,
                                     .method = HttpMethod::post,
                                     .path = {kFunctions, "functions", name, "aliases"},
                                     .body = json::object{{"Name", alias}, {"FunctionVersion", version}}});
  co_return parse_function_alias(answer);
}

Task<FunctionAlias> LambdaControl::update_alias(std::string name, std::string alias, std::string version) {
  const auto answer = co_await call({.name = "UpdateAlias",
                                     .of = name,
                                     .method = HttpMethod::put,
                                     .path = {kFunctions, "functions", name, "aliases", alias},
                                     .body = json::object{{"FunctionVersion", version}}});
  co_return parse_function_alias(answer);
}

Task<void> LambdaControl::put_concurrency(std::string name, int reserved) {
  co_await call({.name = "PutFunctionConcurrency",
                 .of = name,
                 .method = HttpMethod::put,
                 .path = {kConcurrency, "functions", name, "concurrency"},
                 .body = json::object{{"ReservedConcurrentExecutions", reserved}}});
}

Task<void> LambdaControl::delete_concurrency(std::string name) {
  co_await call({.name = "DeleteFunctionConcurrency",
                 .of = name,
                 .method = HttpMethod::delete_,
                 .path = {kConcurrency, "functions", name, "concurrency"}});
}

Task<void> LambdaControl::tag(std::string arn, std::map<std::string, std::string> tags) {
  co_await call({.name = "TagResource",
                 .of = arn,
                 .method = HttpMethod::post,
                 .path = {kTags, "tags", arn},
                 .body = json::object{{"Tags", object_of(tags)}}});
}

Task<void> LambdaControl::untag(std::string arn, std::vector<std::string> keys) {
  QueryParameters query;
  for (auto& key : keys) query.emplace_back("tagKeys", std::move(key));
  co_await call({.name = "UntagResource",
                 .of = arn,
                 .method = HttpMethod::delete_,
                 .path = {kTags, "tags", arn},
                 .query = std::move(query)});
}

Task<std::optional<FunctionUrlConfiguration>> LambdaControl::get_url(std::string name, std::string qualifier) {
  const auto body = co_await find({.name = "GetFunctionUrlConfig",
                                   .of = name,
                                   .path = {kUrls, "functions", name, "url"},
                                   .query = qualified(qualifier)});
  if (!body) co_return std::nullopt;
  co_return parse_function_url(*body);
}

Task<FunctionUrlConfiguration> LambdaControl::create_url(std::string name, std::string qualifier,
                                                         FunctionUrlConfiguration wanted) {
  const auto answer = co_await call({.name = "CreateFunctionUrlConfig",
                                     .of = name,
                                     .method = HttpMethod::post,
                                     .path = {kUrls, "functions", name, "url"},
                                     .query = qualified(qualifier),
                                     .body = url_settings(wanted)});
  co_return parse_function_url(answer);
}

Task<FunctionUrlConfiguration> LambdaControl::update_url(std::string name, std::string qualifier,
                                                         FunctionUrlConfiguration wanted) {
  const auto answer = co_await call({.name = "UpdateFunctionUrlConfig",
                                     .of = name,
                                     .method = HttpMethod::put,
                                     .path = {kUrls, "functions", name, "url"},
                                     .query = qualified(qualifier),
                                     .body = url_settings(wanted)});
  co_return parse_function_url(answer);
}

Task<void> LambdaControl::delete_url(std::string name, std::string qualifier) {
  co_await find({.name = "DeleteFunctionUrlConfig",
                 .of = name,
                 .method = HttpMethod::delete_,
                 .path = {kUrls, "functions", name, "url"},
                 .query = qualified(qualifier)});
}

Task<std::vector<std::string>> LambdaControl::get_permissions(std::string name, std::string qualifier) {
  const auto body = co_await find({.name = "GetPolicy",
                                   .of = name,
                                   .path = {kFunctions, "functions", name, "policy"},
                                   .query = qualified(qualifier)});
  if (!body) co_return std::vector<std::string>();
  co_return parse_policy_statements(*body);
}

Task<void> LambdaControl::add_permission(std::string name, std::string qualifier, FunctionPermission permission) {
  try {
    co_await call({.name = "AddPermission",
                   .of = name,
                   .method = HttpMethod::post,
                   .path = {kFunctions, "functions", name, "policy"},
                   .query = qualified(qualifier),
                   .body = statement_of(permission)});
  } catch (const ServiceError& error) {
    if (error.fault().code != "ResourceConflictException") throw;
  }
}

Task<void> LambdaControl::remove_permission(std::string name, std::string qualifier, std::string statement_id) {
  co_await find({.name = "RemovePermission",
                 .of = name,
                 .method = HttpMethod::delete_,
                 .path = {kFunctions, "functions", name, "policy", statement_id},
                 .query = qualified(qualifier)});
}

Task<std::string> LambdaControl::call(Operation operation) {
  const auto body = operation.body ? json::serialize(*operation.body) : std::string();
  operation.body.reset();
  ServiceRequest request{.action = fmt::format("{} of {}", operation.name, operation.of),
                         .method = operation.method,
                         .path = std::move(operation.path),
                         .query = std::move(operation.query),
                         .body = body,
                         .timeout = operation.timeout};
  if (!body.empty()) request.headers.add("Content-Type", "application/json");
  auto answer = co_await transport_.execute(std::move(request));
  co_return std::move(answer.body);
}

Task<std::optional<std::string>> LambdaControl::find(Operation operation) {
  try {
    co_return co_await call(std::move(operation));
  } catch (const ServiceError& error) {
    if (error.kind() != FailureKind::not_found) throw;
    co_return std::nullopt;
  }
}

}  // namespace creel::aws

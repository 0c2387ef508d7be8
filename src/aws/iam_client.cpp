#include "aws/iam_client.h"

#include <fmt/format.h>

#include "aws/xml.h"
#include "base/failure.h"
#include "base/text.h"

namespace creel::aws {
namespace {

constexpr auto kVersion = "2010-05-08";
constexpr std::string_view kMissing = "NoSuchEntity";

std::string text_in(const std::string& xml, std::string_view element, std::string_view action) {
  auto text = xml_text(xml, element);
  if (!text) {
    throw Failure(FailureKind::server_error, fmt::format("{}: the answer of IAM has no {}", action, element));
  }
  return *text;
}

/// Policy documents come percent-encoded (RFC 3986).
IamRole role_in(const std::string& xml, std::string_view action) {
  return {.name = text_in(xml, "RoleName", action),
          .arn = text_in(xml, "Arn", action),
          .trust_policy = percent_decode(xml_text(xml, "AssumeRolePolicyDocument").value_or(""))};
}

}  // namespace

IamClient::IamClient(ServiceContext context, const std::string& region, const std::string& endpoint_url)
    : transport_(std::move(context),
                 {.signing_name = "iam", .endpoint = ServiceEndpoint::global("iam", region, endpoint_url)}) {}

Task<std::optional<IamRole>> IamClient::get_role(std::string name) {
  const auto xml = co_await find("GetRole", {{"RoleName", name}});
  if (!xml) co_return std::nullopt;
  co_return role_in(*xml, "GetRole");
}

Task<IamRole> IamClient::create_role(NewIamRole role) {
  QueryParameters parameters{{"RoleName", role.name}, {"AssumeRolePolicyDocument", role.trust_policy}};
  if (!role.description.empty()) parameters.emplace_back("Description", role.description);
  const auto xml = co_await call("CreateRole", std::move(parameters));
  co_return role_in(xml, "CreateRole");
}

Task<std::optional<std::string>> IamClient::get_role_policy(std::string role, std::string policy) {
  const auto xml = co_await find("GetRolePolicy", {{"RoleName", role}, {"PolicyName", policy}});
  if (!xml) co_return std::nullopt;
  co_return percent_decode(text_in(*xml, "PolicyDocument", "GetRolePolicy"));
}

Task<void> IamClient::put_role_policy(std::string role, std::string policy, std::string document) {
  co_await call("PutRolePolicy", {{"RoleName", role}, {"PolicyName", policy}, {"PolicyDocument", document}});
}

Task<std::string> IamClient::call(std::string action, QueryParameters parameters) {
  const auto role = parameters.front().second;
  parameters.emplace_back("Action", action);
  parameters.emplace_back("Version", kVersion);
  const auto form = encode_query(parameters);
  ServiceRequest request{.action = fmt::format("{} of {}", action, role), .method = HttpMethod::post, .body = form};
  request.headers.add("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
  auto answer = co_await transport_.execute(std::move(request));
  co_return std::move(answer.body);
}

Task<std::optional<std::string>> IamClient::find(std::string action, QueryParameters parameters) {
  try {
    co_return co_await call(std::move(action), std::move(parameters));
  } catch (const ServiceError& error) {
    if (error.fault().code != kMissing) throw;
    co_return std::nullopt;
  }
}

}  // namespace creel::aws

#include "aws/sts_client.h"

#include <fmt/format.h>

#include "aws/amz_time.h"
#include "aws/credentials_exchange.h"
#include "aws/xml.h"

namespace creel::aws {
namespace {

constexpr std::chrono::seconds kTimeout{10};

Url endpoint_of(const Environment& environment, const std::string& region) {
  for (const auto* variable : {"AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL"}) {
    if (const auto url = environment.find(variable)) return Url::parse(*url);
  }
  const auto suffix = region.starts_with("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  return Url::parse(fmt::format("https://sts.{}.{}/", region, suffix));
}

void add_role(QueryParameters& parameters, const RoleRequest& role) {
  parameters.emplace_back("Version", "2011-06-15");
  parameters.emplace_back("RoleArn", role.role_arn);
  parameters.emplace_back("RoleSessionName", role.session_name);
  if (!role.external_id.empty()) parameters.emplace_back("ExternalId", role.external_id);
  if (role.duration.count() > 0) parameters.emplace_back("DurationSeconds", std::to_string(role.duration.count()));
}

Credentials parse_answer(std::string_view xml) {
  const auto text = [xml](std::string_view element) {
    auto value = xml_text(xml, element);
    if (!value || value->empty()) {
      throw Failure(FailureKind::bad_auth, fmt::format("the token service's answer has no {}", element));
    }
    return *value;
  };
  Credentials credentials{.access_key_id = text("AccessKeyId"),
                          .secret_access_key = Secret(text("SecretAccessKey")),
                          .session_token = Secret(text("SessionToken")),
                          .expires_at = parse_iso_time(text("Expiration"))};
  if (!credentials.expires_at) {
    throw Failure(FailureKind::bad_auth, "the token service's answer has an Expiration that is no time");
  }
  return credentials;
}

}  // namespace

StsClient::StsClient(const CredentialsContext& context, std::string region)
    : context_(context), region_(std::move(region)), endpoint_(endpoint_of(context.environment, region_)) {}

Task<Credentials> StsClient::assume_role_with_web_identity(RoleRequest role, Secret token) {
  QueryParameters parameters{{"Action", "AssumeRoleWithWebIdentity"}, {"WebIdentityToken", token.reveal()}};
  add_role(parameters, role);
  return call(std::move(parameters), {});
}

Task<Credentials> StsClient::assume_role(RoleRequest role, Credentials caller) {
  QueryParameters parameters{{"Action", "AssumeRole"}};
  add_role(parameters, role);
  return call(std::move(parameters), std::move(caller));
}

Task<Credentials> StsClient::call(QueryParameters parameters, Credentials caller) {
  const auto body = encode_query(parameters);
  const auto answer = co_await ask_for_credentials(context_, signed_request(body, caller), kTimeout);
  if (answer.status == 200) co_return parse_answer(answer.body);
  throw Failure(FailureKind::bad_auth,
                fmt::format("the token service refused the role: {} (status {})",
                            xml_text(answer.body, "Code").value_or("no reason given"), answer.status));
}

/// The call as an HTML form; a caller without a key identifies himself in the
/// form and signs nothing.
HttpRequest StsClient::signed_request(std::string_view body, const Credentials& caller) {
  auto request = make_request(HttpMethod::post, endpoint_, SteadyTime::max());
  request.body = BodyView(std::as_bytes(std::span(body)));
  request.headers.add("Content-Type", "application/x-www-form-urlencoded");
  if (caller.access_key_id.empty()) return request;

  SigV4Request to_sign{.method = "POST",
                       .host = endpoint_.authority(),
                       .encoded_path = endpoint_.encoded_path(),
                       .headers = request.headers,
                       .payload_hash = to_hex(sha256(body))};
  signer_.sign(to_sign, caller, region_, context_.clock.now());
  request.headers = std::move(to_sign.headers);
  return request;
}

}  // namespace creel::aws

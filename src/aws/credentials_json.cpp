#include "aws/credentials_json.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "aws/amz_time.h"
#include "base/failure.h"

namespace creel::aws {
namespace {

namespace json = boost::json;

[[noreturn]] void refuse(std::string_view reason) {
  throw Failure(FailureKind::bad_auth, fmt::format("the answer {}", reason));
}

json::object parse_object(std::string_view text) {
  boost::system::error_code error;
  auto value = json::parse(text, error);
  if (error || !value.is_object()) refuse("is no JSON object");
  return std::move(value.as_object());
}

std::string text_of(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  if (value == nullptr || value->is_null()) return {};
  if (!value->is_string()) refuse(fmt::format("has a {} that is no text", key));
  return json::value_to<std::string>(*value);
}

Credentials credentials_of(const json::object& object, std::string_view token_key) {
  Credentials credentials{.access_key_id = text_of(object, "AccessKeyId"),
                          .secret_access_key = Secret(text_of(object, "SecretAccessKey")),
                          .session_token = Secret(text_of(object, token_key))};
  if (credentials.access_key_id.empty()) refuse("has no AccessKeyId");
  if (credentials.secret_access_key.empty()) refuse("has no SecretAccessKey");
  if (const auto expiration = text_of(object, "Expiration"); !expiration.empty()) {
    credentials.expires_at = parse_iso_time(expiration);
    if (!credentials.expires_at) refuse("has an Expiration that is no time");
  }
  return credentials;
}

}  // namespace

Credentials parse_endpoint_credentials(std::string_view json) {
  const auto object = parse_object(json);
  const auto code = text_of(object, "Code");
  if (!code.empty() && code != "Success") refuse(fmt::format("is '{}'", code));
  return credentials_of(object, "Token");
}

Credentials parse_process_credentials(std::string_view json) {
  const auto object = parse_object(json);
  const auto* version = object.if_contains("Version");
  if (version == nullptr || !version->is_number() || version->to_number<double>() != 1) {
    refuse("is not of Version 1, the only one there is");
  }
  return credentials_of(object, "SessionToken");
}

}  // namespace creel::aws

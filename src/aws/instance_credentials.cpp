#include "aws/instance_credentials.h"

#include <charconv>

#include <fmt/format.h>

#include "aws/credentials_json.h"
#include "aws/http_answer.h"
#include "base/text.h"

namespace creel::aws {
namespace {

constexpr std::string_view kIpv4Endpoint = "http://169.254.169.254";
constexpr std::string_view kIpv6Endpoint = "http://[fd00:ec2::254]";
constexpr std::string_view kRolePath = "/latest/meta-data/iam/security-credentials/";
constexpr std::size_t kMaxAnswerBytes = 64 * 1024;

Url endpoint_of(const Environment& environment) {
  if (const auto endpoint = environment.find("AWS_EC2_METADATA_SERVICE_ENDPOINT")) return Url::parse(*endpoint);
  const auto mode = environment.find("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE").value_or("");
  return Url::parse(ascii_iequals(mode, "ipv6") ? kIpv6Endpoint : kIpv4Endpoint);
}

/// A whole number from 1 on, or `otherwise`.
int number(const Environment& environment, std::string_view variable, int otherwise) {
  const auto text = environment.find(variable).value_or("");
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() && value > 0 ? value : otherwise;
}

[[noreturn]] void refuse(const Url& url, int status) {
  throw Failure(FailureKind::bad_auth,
                fmt::format("{}{} answered with status {}", url.origin(), url.encoded_path(), status));
}

}  // namespace

Task<CredentialsSearch> InstanceCredentials::find() {
  const auto& environment = context_.environment;
  if (ascii_iequals(environment.find("AWS_EC2_METADATA_DISABLED").value_or(""), "true")) {
    co_return NothingFound{"AWS_EC2_METADATA_DISABLED is true"};
  }
  const auto endpoint = endpoint_of(environment);
  const std::chrono::seconds timeout(number(environment, "AWS_METADATA_SERVICE_TIMEOUT", 1));
  const int attempts = number(environment, "AWS_METADATA_SERVICE_NUM_ATTEMPTS", 1);
  for (int attempt = 1;; ++attempt) {
    try {
      co_return co_await ask(endpoint, timeout);
    } catch (const Failure& failure) {
      // Most machines are no EC2 instance: that nobody answers means that there
      // is nothing here.
      if (!is_retryable(failure.kind()) && failure.kind() != FailureKind::bad_auth) throw;
      if (attempt >= attempts) co_return NothingFound{fmt::format("{}: {}", endpoint.origin(), failure.what())};
    }
  }
}

Task<CredentialsSearch> InstanceCredentials::ask(Url endpoint, std::chrono::milliseconds timeout) {
  const auto token_url = endpoint.resolve("/latest/api/token");
  auto request = make_request(HttpMethod::put, token_url, context_.clock.steady_now() + timeout);
  request.headers.add("X-aws-ec2-metadata-token-ttl-seconds", "21600");
  const auto token = co_await exchange(context_.http, std::move(request), kMaxAnswerBytes);
  if (token.status != 200) refuse(token_url, token.status);

  const auto role = co_await get(endpoint.resolve(kRolePath), token.body, context_.clock.steady_now() + timeout);
  if (role.empty()) co_return NothingFound{"the instance has no role"};
  const auto path = fmt::format("{}{}", kRolePath, percent_encode(role.substr(0, role.find('\n'))));
  const auto answer = co_await get(endpoint.resolve(path), token.body, context_.clock.steady_now() + timeout);
  co_return parse_endpoint_credentials(answer);
}

/// The text there; empty if there is none.
Task<std::string> InstanceCredentials::get(Url url, std::string token, SteadyTime deadline) {
  auto request = make_request(HttpMethod::get, url, deadline);
  request.headers.add("X-aws-ec2-metadata-token", token);
  const auto answer = co_await exchange(context_.http, std::move(request), kMaxAnswerBytes);
  if (answer.status == 404) co_return "";
  if (answer.status != 200) refuse(url, answer.status);
  co_return std::string(trim(answer.body));
}

}  // namespace creel::aws

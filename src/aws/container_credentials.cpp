#include "aws/container_credentials.h"

#include <array>

#include <boost/asio/ip/address.hpp>
#include <fmt/format.h>

#include "aws/credentials_exchange.h"
#include "aws/credentials_json.h"
#include "aws/token_file.h"
#include "base/text.h"

namespace creel::aws {
namespace {

constexpr std::string_view kRelativeTo = "http://169.254.170.2";
constexpr std::array<std::string_view, 3> kEndpointAddresses = {"169.254.170.2", "169.254.170.23", "fd00:ec2::23"};
constexpr std::chrono::seconds kTimeout{2};

bool is_own_machine(const std::string& host) {
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(host, error);
  return error ? host == "localhost" : address.is_loopback();
}

Url endpoint_url(const Environment& environment) {
  if (const auto relative = environment.find("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")) {
    return Url::parse(fmt::format("{}{}", kRelativeTo, *relative));
  }
  const auto url = Url::parse(environment.find("AWS_CONTAINER_CREDENTIALS_FULL_URI").value_or(""));
  const bool is_endpoint = std::ranges::find(kEndpointAddresses, url.host()) != kEndpointAddresses.end();
  if (!url.is_https() && !is_endpoint && !is_own_machine(url.host())) {
    throw Failure(FailureKind::bad_auth, fmt::format("AWS_CONTAINER_CREDENTIALS_FULL_URI names {}, "
                                                     "which must not be asked over plain http",
                                                     url.host()));
  }
  return url;
}

std::string authorization(const Environment& environment) {
  std::string token;
  if (const auto file = environment.find("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")) {
    token = read_token_file(*file);
  } else {
    token = environment.find("AWS_CONTAINER_AUTHORIZATION_TOKEN").value_or("");
  }
  if (!is_header_safe(token)) throw Failure(FailureKind::bad_auth, "the authorization token has a line end in it");
  return token;
}

}  // namespace

Task<CredentialsSearch> ContainerCredentials::find() {
  const auto& environment = context_.environment;
  if (!environment.find("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") &&
      !environment.find("AWS_CONTAINER_CREDENTIALS_FULL_URI")) {
    co_return NothingFound{
        "neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor "
        "AWS_CONTAINER_CREDENTIALS_FULL_URI is set"};
  }
  const auto url = endpoint_url(environment);
  const auto token = authorization(environment);
  auto request = make_request(HttpMethod::get, url, SteadyTime::max());
  request.headers.add("Accept", "application/json");
  if (!token.empty()) request.headers.add("Authorization", token);
  const auto answer = co_await ask_for_credentials(context_, std::move(request), kTimeout);
  if (answer.status != 200) {
    throw Failure(FailureKind::bad_auth, fmt::format("{} answered with status {}", url.origin(), answer.status));
  }
  co_return parse_endpoint_credentials(answer.body);
}

}  // namespace creel::aws

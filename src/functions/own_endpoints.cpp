#include "functions/own_endpoints.h"

#include <array>

#include "base/failure.h"
#include "base/text.h"
#include "net/resolver.h"
#include "net/url.h"

namespace creel {
namespace {

/// "host:port", several of them divided by blanks and each perhaps with "tcp:" or "udp:" before it, or a URL.
constexpr std::array kVariables = {
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_LAMBDA_METADATA_API",
    "AWS_XRAY_DAEMON_ADDRESS",
    "_AWS_XRAY_DAEMON_ADDRESS",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_EC2_METADATA_SERVICE_ENDPOINT",
};
constexpr const char* kTracesPort = "_AWS_XRAY_DAEMON_PORT";

std::string_view without(std::string_view text, std::string_view prefix) {
  return text.starts_with(prefix) ? text.substr(prefix.size()) : text;
}

/// What may be a URL's origin, as one.
std::string origin_of(std::string_view text) {
  if (text.find("://") != std::string_view::npos) return std::string(text);
  return "http://" + std::string(without(without(text, "tcp:"), "udp:"));
}

void add_endpoints(std::vector<Endpoint>& endpoints, std::string_view text) {
  try {
    const auto url = Url::parse(origin_of(text));
    boost::system::error_code is_name;
    const auto literal = boost::asio::ip::make_address(url.host(), is_name);
    const auto addresses = is_name ? system_lookup(url.host()) : Resolver::Addresses{literal};
    for (const auto& address : addresses) endpoints.push_back({address, url.port()});
  } catch (const Failure&) {
    // What cannot be understood or found cannot be reached either.
  }
}

}  // namespace

std::vector<Endpoint> own_endpoints(const aws::Environment& environment) {
  std::vector<Endpoint> endpoints;
  for (const auto* variable : kVariables) {
    const auto value = environment.find(variable).value_or("");
    for (const auto part : split(value, ' ')) {
      if (!part.empty()) add_endpoints(endpoints, part);
    }
    const auto port = environment.find(kTracesPort);
    const bool is_bare = std::string_view(variable).starts_with('_') && !value.empty() && port;
    if (is_bare) add_endpoints(endpoints, value + ":" + *port);
  }
  return endpoints;
}

}  // namespace creel

#include "cli/process_environment.h"

#include <cstdlib>

namespace creel {
namespace {

std::string upper(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

}  // namespace

aws::Environment process_environment() {
  aws::Environment environment;
  environment.variable = [](std::string_view name) -> std::optional<std::string> {
    const char* value = std::getenv(std::string(name).c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  };
  environment.home = environment.find("HOME").value_or("");
  return environment;
}

ProxySettings proxies_from(const aws::Environment& environment) {
  const auto either = [&environment](const std::string& name) {
    return environment.find(name).value_or(environment.find(upper(name)).value_or(""));
  };
  return {.http_proxy = environment.find("http_proxy").value_or(""),
          .https_proxy = either("https_proxy"),
          .all_proxy = either("all_proxy"),
          .no_proxy = either("no_proxy")};
}

std::string ca_file_from(const aws::Environment& environment) {
  return environment.find("SSL_CERT_FILE").value_or("");
}

std::string user_agent() {
  return "creel/" CREEL_VERSION " (+" CREEL_HOMEPAGE ")";
}

}  // namespace creel

#include "cli/process_environment.h"

#include <cstdlib>

namespace creel {

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
  return proxies_from([&environment](std::string_view name) { return environment.find(name); });
}

std::string ca_file_from(const aws::Environment& environment) {
  return environment.find("SSL_CERT_FILE").value_or("");
}

std::string user_agent() {
  return "creel/" CREEL_VERSION " (+" CREEL_HOMEPAGE ")";
}

}  // namespace creel

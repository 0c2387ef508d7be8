#include "aws/settings.h"

#include <fmt/format.h>

#include "base/failure.h"

namespace creel::aws {
namespace {

bool ignores_configured_endpoints(const Environment& environment) {
  return environment.find("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS").value_or("") == "true";
}

std::string endpoint_of(const AwsFlags& flags, const Environment& environment, const std::optional<Profile>& profile,
                        std::string_view service) {
  if (!flags.endpoint_url.empty()) return flags.endpoint_url;
  if (ignores_configured_endpoints(environment)) return {};
  const auto own_variable = fmt::format("AWS_ENDPOINT_URL_{}", service);
  for (const std::string_view variable : {std::string_view(own_variable), std::string_view("AWS_ENDPOINT_URL")}) {
    if (const auto url = environment.find(variable)) return *url;
  }
  return profile ? profile->find("endpoint_url").value_or("") : "";
}

}  // namespace

std::string region_or_default(const Environment& environment, const std::optional<Profile>& profile) {
  for (const auto* variable : {"AWS_REGION", "AWS_DEFAULT_REGION"}) {
    if (const auto region = environment.find(variable)) return *region;
  }
  if (profile) {
    if (const auto region = profile->find("region")) return *region;
  }
  return std::string(kDefaultRegion);
}

AwsSettings find_settings(const AwsFlags& flags, const Environment& environment, std::string_view service) {
  const auto config = SharedConfig::load(environment);
  const auto chosen = chosen_profile(flags.profile, environment);
  const auto profile = config.find(chosen.value_or("default"));
  if (chosen && !profile) config.refuse_profile(*chosen);

  AwsSettings settings;
  settings.region = flags.region.empty() ? region_or_default(environment, profile) : flags.region;
  settings.endpoint_url = endpoint_of(flags, environment, profile, service);
  settings.ca_file = environment.find("AWS_CA_BUNDLE").value_or("");
  if (settings.ca_file.empty() && profile) settings.ca_file = profile->find("ca_bundle").value_or("");
  return settings;
}

}  // namespace creel::aws

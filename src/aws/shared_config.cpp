#include "aws/shared_config.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include <fmt/format.h>

#include "base/failure.h"
#include "base/text.h"

namespace creel::aws {
namespace {

std::filesystem::path path_of(const Environment& environment, std::string_view variable, std::string_view file_name) {
  const auto named = environment.find(variable);
  if (!named) return environment.home / ".aws" / file_name;
  if (named->starts_with("~/")) return environment.home / named->substr(2);
  return *named;
}

IniFile read_ini(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error) && !error) return {};
  std::ifstream file(path);
  std::string text(std::istreambuf_iterator<char>(file), {});
  if (!file) {
    throw Failure(FailureKind::bad_auth, fmt::format("cannot read {}: {}", path.string(), std::strerror(errno)));
  }
  return parse_ini(text, path.string());
}

/// "profile x", "profile 'x y'" and "default" are profiles of the config file;
/// other sections are something else.
IniFile profiles_of(const IniFile& config) {
  constexpr std::string_view kPrefix = "profile";
  IniFile profiles;
  for (const auto& [name, section] : config) {
    std::string_view profile = name;
    if (name != "default") {
      if (!profile.starts_with(kPrefix)) continue;
      profile.remove_prefix(kPrefix.size());
      if (!profile.starts_with(' ') && !profile.starts_with('\t')) continue;
      profile = trim(profile);
      const bool quoted = profile.size() >= 2 && (profile.front() == '"' || profile.front() == '\'') &&
                          profile.front() == profile.back();
      if (quoted) profile = profile.substr(1, profile.size() - 2);
    }
    profiles[std::string(profile)].insert(section.begin(), section.end());
  }
  return profiles;
}

}  // namespace

std::optional<std::string> Profile::find(std::string_view key) const {
  const auto entry = settings.find(key);
  if (entry == settings.end() || entry->second.empty()) return std::nullopt;
  return entry->second;
}

SharedConfig SharedConfig::load(const Environment& environment) {
  SharedConfig config;
  config.config_path_ = path_of(environment, "AWS_CONFIG_FILE", "config");
  config.credentials_path_ = path_of(environment, "AWS_SHARED_CREDENTIALS_FILE", "credentials");
  config.config_ = profiles_of(read_ini(config.config_path_));
  config.credentials_ = read_ini(config.credentials_path_);
  return config;
}

std::optional<Profile> SharedConfig::find(std::string_view profile) const {
  const auto in_credentials = credentials_.find(profile);
  const auto in_config = config_.find(profile);
  if (in_credentials == credentials_.end() && in_config == config_.end()) return std::nullopt;

  Profile found{.name = std::string(profile), .settings = {}};
  if (in_credentials != credentials_.end()) found.settings = in_credentials->second;
  if (in_config != config_.end()) found.settings.insert(in_config->second.begin(), in_config->second.end());
  return found;
}

std::string SharedConfig::files() const {
  return fmt::format("{} and {}", config_path_.string(), credentials_path_.string());
}

void SharedConfig::refuse_profile(std::string_view profile) const {
  throw Failure(FailureKind::bad_auth, fmt::format("there is no AWS profile '{}' in {}", profile, files()));
}

std::optional<std::string> chosen_profile(const std::string& flag, const Environment& environment) {
  if (!flag.empty()) return flag;
  return environment.find("AWS_PROFILE");
}

}  // namespace creel::aws

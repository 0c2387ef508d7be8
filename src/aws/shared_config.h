#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "aws/environment.h"
#include "aws/ini_file.h"

namespace creel::aws {

/// The settings of one profile, those of the credentials file over those of the
/// config file.
struct Profile {
  std::string name;
  IniSection settings;

  std::optional<std::string> find(std::string_view key) const;
};

/// The files that all AWS tools share: ~/.aws/config and ~/.aws/credentials, or
/// those that AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE name. Immutable.
/// Source: https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html
class SharedConfig {
 public:
  /// Reads both; a file that is not there is an empty one.
  /// @throws Failure bad_auth  a file that cannot be read or understood
  static SharedConfig load(const Environment& environment);

  std::optional<Profile> find(std::string_view profile) const;

  /// "/home/me/.aws/config and /home/me/.aws/credentials", for messages.
  std::string files() const;

  /// No such profile in these files. @throws Failure bad_auth
  [[noreturn]] void refuse_profile(std::string_view profile) const;

 private:
  std::filesystem::path config_path_;
  std::filesystem::path credentials_path_;
  IniFile config_;
  IniFile credentials_;
};

/// The profile that was asked for, by flag or else by AWS_PROFILE; nothing if
/// none was, which means "default".
std::optional<std::string> chosen_profile(const std::string& flag, const Environment& environment);

}  // namespace creel::aws

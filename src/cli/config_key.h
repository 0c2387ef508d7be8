#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/serve_config.h"

namespace creel {

enum class ConfigType : std::uint8_t { text, path, integer, size, duration, boolean, texts, secret };

/// One value of the configuration: what its check in the file, its variable, its flag and its line in a new file are
/// made from.
struct ConfigKey {
  std::string_view section;
  std::string_view name;
  ConfigType type = ConfigType::text;
  /// As it is written in the file.
  std::string default_value;
  /// For people, in a line.
  std::string help;
  /// Takes the value as text over into `config`; relative paths are relative to `base`.
  /// @throws Failure bad_request  saying what is wrong with it
  std::function<void(ServeConfig& config, const std::string& text, const std::filesystem::path& base)> set;
  /// A shorter flag: "--listen".
  std::string_view short_flag{};

  /// "server.listen"
  std::string full_name() const;
  /// "CREEL_SERVER_LISTEN"
  std::string variable() const;
  /// "--server-listen"
  std::string flag() const;
  /// A secret stands in no file that people show each other, and on no command line: only the environment has it.
  bool is_in_file() const { return type != ConfigType::secret; }
};

/// The sections in their order, with a line about each.
struct ConfigSection {
  std::string_view name;
  std::string_view help;
};
std::span<const ConfigSection> config_sections();

/// All keys, section by section.
std::span<const ConfigKey> config_keys();

/// A value as it stands in a configuration file.
std::string config_literal(const ConfigKey& key, const std::string& text);

/// The one of `words` that is most like `word`; empty if none is.
std::string nearest_word(std::string_view word, std::span<const std::string_view> words);

}  // namespace creel

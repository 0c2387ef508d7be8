#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"
#include "sources/json_pages.h"
#include "sources/source_kind.h"

namespace creel {

/// A well-known API as data: the file docs/guide/add-a-source.md describes.
struct Preset {
  std::string name;
  /// What a form calls it; may be empty.
  std::string label;
  std::string help;
  /// A template: "{setting}" stands for a setting's value, percent-encoded; a setting of type url, at the beginning, as it is.
  std::string url;
  /// Query parameters, templates too; one with a setting that is not given is left out.
  std::map<std::string, std::string> query;
  /// Likewise, the values as they are.
  std::map<std::string, std::string> headers;
  std::vector<SettingSpec> settings;
  /// What stands for secrets that are not given: a key that everybody may use.
  std::map<std::string, Secret> open_secrets;
  std::string program;
  std::string follow_program;
  JsonPaging paging;
  std::int64_t max_pages = 10;
  std::int64_t stop_after = 100;
  std::int64_t max_follows = 100;
  SourceDefaults defaults;
};

/// Reads one preset file.
/// @param file  what messages call it
/// @throws Failure bad_request  with file and line: what is missing, of the wrong type, unknown, or does not fit together
Preset read_preset(std::string_view toml, const std::string& file);

struct PresetText {
  std::string_view file;
  std::string_view toml;
};

/// Those that are part of the program.
std::span<const PresetText> embedded_presets();

}  // namespace creel

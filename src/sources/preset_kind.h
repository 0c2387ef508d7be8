#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sources/jq_runner.h"
#include "sources/preset_file.h"
#include "sources/source_kind.h"

namespace creel {

/// A kind of source that is made from a preset: the preset's name is its type, the preset's settings are its own.
std::unique_ptr<const SourceKind> preset_kind(Preset preset, std::shared_ptr<const JqRunner> jq);

/// The kinds of all presets: those that are part of the program, and those of `folder`, the files "*.toml" in it. One of the
/// folder takes the place of one of the program of the same name.
/// @param folder  none if empty
/// @param fallback_secrets  for sources that have none of their own, by type and setting: "nasa-apod.api_key"
/// @throws Failure bad_request  a preset of the folder cannot be used: what is wrong, with file and line
std::vector<std::unique_ptr<const SourceKind>> preset_kinds(const std::shared_ptr<const JqRunner>& jq,
                                                            const std::filesystem::path& folder,
                                                            const std::map<std::string, Secret>& fallback_secrets = {});

}  // namespace creel

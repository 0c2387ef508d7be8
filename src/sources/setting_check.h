#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sources/source_kind.h"

namespace creel {

/// Checks the settings of a source against their specs and completes them, as `SourceKinds::check` says. Adds to
/// `errors` what is wrong.
void check_settings(std::span<const SettingSpec> specs, SourceConfig& source, std::vector<SettingError>& errors);

/// The one of `names` that was probably meant by `name`; nothing if none is near.
std::optional<std::string> nearest_name(std::string_view name, std::span<const std::string> names);

/// The token for a name in a JSON pointer (RFC 6901).
std::string pointer_token(std::string_view name);

}  // namespace creel

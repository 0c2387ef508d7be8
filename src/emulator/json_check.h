#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace creel::emulator {

/// Says what is wrong with a JSON text, and where; nothing if it is well-formed. It builds no values.
std::optional<std::string> json_fault(std::string_view text);

}  // namespace creel::emulator

#pragma once

#include <string>
#include <string_view>

namespace creel {

/// A name as a form shows it: "max_pages" as "Max pages", "api_url" as "API URL".
std::string label_of(std::string_view name);

}  // namespace creel

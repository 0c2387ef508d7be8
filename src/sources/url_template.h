#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace creel {

/// The names in braces of a text such as "https://a.example/tags/{tag}?page=1", in their order.
/// @throws Failure bad_request  a brace that is not closed, or nothing in between
std::vector<std::string> template_names(std::string_view text);

/// The text with `value(name)` in place of each "{name}"; nothing if one of them has no value.
std::optional<std::string> expand_template(std::string_view text,
                                           const std::function<std::optional<std::string>(std::string_view)>& value);

}  // namespace creel

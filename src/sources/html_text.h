#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace creel {

/// What people see of HTML: tags dropped, references decoded, blanks drawn together, cut to at most `max_bytes`.
std::string plain_text(std::string_view html, std::size_t max_bytes);

/// True if there is at least one tag in the text.
bool has_tags(std::string_view text);

/// HTML that was escaped once too often, made right: where there is no tag, but "&lt;" with a name behind it.
/// Nothing is done to other text.
std::string unescape_if_escaped_twice(std::string text);

}  // namespace creel

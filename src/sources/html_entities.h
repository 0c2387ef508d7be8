#pragma once

#include <string>
#include <string_view>

namespace creel {

/// `text` with the character references of HTML replaced by what they mean: numbers, and the names of HTML 4. An
/// ampersand that begins none stays as it is, since so many are left unescaped.
std::string decode_entities(std::string_view text);

}  // namespace creel

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace creel {

/// The character that a numeric reference means in HTML: from 0x80 to 0x9F that of windows-1252; U+FFFD for what is no
/// character (0, surrogates, what is above 0x10FFFF).
char32_t character_of_number(std::uint32_t number);

/// @param c  a character, no surrogate
void append_utf8(std::string& text, char32_t c);

/// `text` with the character references of HTML replaced by what they mean: numbers, and the names of HTML 4. An
/// ampersand that begins none stays as it is, since so many are left unescaped.
std::string decode_entities(std::string_view text);

}  // namespace creel

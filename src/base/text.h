#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace creel {

/// ASCII only, whatever the locale: header names, hosts, extensions.
std::string ascii_lower(std::string_view text);
bool ascii_iequals(std::string_view a, std::string_view b);

/// Without leading and trailing spaces, tabs and line ends.
std::string_view trim(std::string_view text);

/// The parts between separators, empty ones included; at least one part.
std::vector<std::string_view> split(std::string_view text, char separator);

/// Percent-encodes every byte but the unreserved ones of RFC 3986 and those in `keep`; hex digits in upper case,
/// as the S3 signature wants them.
std::string percent_encode(std::string_view text, std::string_view keep = "");

/// The bytes that `text` stands for; a `%` that no two hex digits follow stays as it is.
std::string percent_decode(std::string_view text);

/// `text` cut to at most `max_bytes`, never inside a UTF-8 character.
std::string_view utf8_prefix(std::string_view text, std::size_t max_bytes);

/// True if `text` is UTF-8 as Unicode has it: no overlong forms, no surrogates, nothing cut off.
bool is_utf8(std::string_view text);

/// `text` with U+FFFD for every byte that is no UTF-8.
std::string to_utf8(std::string_view text);

/// True if `text` may stand in an HTTP header line: no CR, LF or NUL.
bool is_header_safe(std::string_view text);

}  // namespace creel

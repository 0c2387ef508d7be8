#pragma once

#include <string>
#include <string_view>

namespace creel {

/// True if who sends this Accept-Encoding takes gzip, and likes it no less than plain bytes (RFC 9110, section 12.5.3).
/// @param header  several lines are joined by commas; empty for none, which asks for plain bytes
bool prefers_gzip(std::string_view header);

/// Compressed in the gzip format, without name and time.
std::string gzip(std::string_view bytes);

/// What `gzip`, or another program, has compressed.
/// @throws std::logic_error  it is not in the gzip format: meant for bytes of ours
std::string gunzip(std::string_view bytes);

}  // namespace creel

#pragma once

#include <string>
#include <string_view>

namespace creel {

/// The charset parameter of a Content-Type header, without quotes; "" if there is none.
std::string_view charset_parameter(std::string_view content_type);

/// Text from the web as UTF-8, without a byte order mark or NULs. What is declared is believed only as far as the bytes
/// bear it out:
///
/// * A byte order mark decides, then what bytes look like when they are UTF-16 without one.
/// * What is valid UTF-8 is UTF-8, whatever is said of it (the escape codes of ISO-2022 aside).
/// * Else the charset of the HTTP header counts, then that of the XML declaration; the other way round where the header
///   says ISO-8859-1, which servers say without knowing. A Latin name stands for its Windows superset, as in browsers.
/// * Where UTF-8 is declared, or nothing is, or a name that nobody knows, single bytes that are no UTF-8 are read as
///   windows-1252, and the rest stays as it is.
///
/// Sequences that mean nothing become U+FFFD.
std::string text_as_utf8(std::string bytes, std::string_view http_charset);

}  // namespace creel

#pragma once

#include <string>
#include <string_view>

namespace creel {

/// Appends one field of CSV (RFC 4180): quoted if need be. What is no UTF-8 becomes U+FFFD.
///
/// A text that a spreadsheet would take for a formula (its first character is one of = + - @, a tab or a line end) gets an
/// apostrophe before it: titles are written by strangers, and a formula can send what is in the sheet elsewhere.
void append_csv_text(std::string& out, std::string_view text);

}  // namespace creel

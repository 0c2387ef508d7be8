#pragma once

#include <string>
#include <string_view>

namespace creel::lambda {

/// The text with U+FFFD for each byte that is no part of valid UTF-8: messages of exceptions may hold anything, JSON
/// may not. At most `max_bytes` of it, cut between characters.
std::string valid_utf8(std::string_view text, std::size_t max_bytes = std::string_view::npos);

}  // namespace creel::lambda

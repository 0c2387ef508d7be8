#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace creel {

/// The characters of a text in UTF-8, as JSON Schema's maxLength counts them.
inline std::size_t text_length(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

}  // namespace creel

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace creel {

/// Base64 with "+", "/" and padding (RFC 4648, section 4), without line ends.
std::string base64_encode(std::string_view bytes);
inline std::string base64_encode(std::span<const std::uint8_t> bytes) {
  return base64_encode(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

/// The bytes that `text` stands for; nothing if it is not Base64 with its padding.
std::optional<std::string> base64_decode(std::string_view text);

}  // namespace creel

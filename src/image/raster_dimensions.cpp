// The containers whose size stands at a fixed place: PNG, GIF, BMP, ICO.
#include <algorithm>

#include "image/dimensions.h"

namespace creel {
namespace {

/// A 32-bit two's complement number without its sign.
std::optional<std::uint32_t> magnitude(std::optional<std::uint32_t> number) {
  if (!number) return std::nullopt;
  const bool negative = (*number >> 31) != 0;
  return negative ? 0U - *number : *number;
}

}  // namespace

Dimensions dimensions(std::optional<std::uint32_t> width, std::optional<std::uint32_t> height) {
  if (width == 0U) width.reset();
  if (height == 0U) height.reset();
  return {width, height};
}

Dimensions png_dimensions(ByteReader& reader) {
  if (!reader.matches(12, "IHDR")) return {};
  return dimensions(reader.be32(16), reader.be32(20));
}

Dimensions gif_dimensions(ByteReader& reader) {
  return dimensions(reader.le16(6), reader.le16(8));
}

Dimensions bmp_dimensions(ByteReader& reader) {
  constexpr std::uint32_t kCoreHeaderBytes = 12;
  if (reader.le32(14) == kCoreHeaderBytes) return dimensions(reader.le16(18), reader.le16(20));
  return dimensions(magnitude(reader.le32(18)), magnitude(reader.le32(22)));
}

Dimensions ico_dimensions(ByteReader& reader) {
  constexpr std::uint32_t kHeaderBytes = 6;
  constexpr std::uint32_t kEntryBytes = 16;
  constexpr std::uint32_t kMaxEntries = 256;

  // A side of 256 pixels is written as 0.
  const auto side = [](std::uint8_t written) { return written == 0 ? 256U : written; };
  const std::uint32_t count = std::min<std::uint32_t>(reader.le16(4).value_or(0), kMaxEntries);
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto entry = kHeaderBytes + i * kEntryBytes;
    const auto entry_width = reader.u8(entry);
    const auto entry_height = reader.u8(entry + 1);
    if (!entry_width || !entry_height) return {};
    if (side(*entry_width) * side(*entry_height) > width * height) {
      width = side(*entry_width);
      height = side(*entry_height);
    }
  }
  return dimensions(width, height);
}

}  // namespace creel

#include "image/dimensions.h"

namespace creel {
namespace {

// The first chunk's payload follows "RIFF", size, "WEBP", the chunk's name and its size.
constexpr std::uint64_t kPayload = 20;

/// RFC 6386, section 9.1: a key frame's tag and start code, then 14 bits for each side.
Dimensions lossy(ByteReader& reader) {
  constexpr std::uint16_t kSideMask = 0x3FFF;
  const auto tag = reader.u8(kPayload);
  const bool key_frame = tag && (*tag & 1) == 0;
  if (!key_frame || !reader.matches(kPayload + 3, "\x9D\x01\x2A")) return {};
  const auto width = reader.le16(kPayload + 6);
  const auto height = reader.le16(kPayload + 8);
  if (!width || !height) return {};
  return dimensions(*width & kSideMask, *height & kSideMask);
}

/// RFC 9649, section 3.4: a signature byte, then 14 bits for each side less one.
Dimensions lossless(ByteReader& reader) {
  constexpr std::uint32_t kSideMask = 0x3FFF;
  const auto bits = reader.le32(kPayload + 1);
  if (!bits || reader.u8(kPayload) != 0x2F) return {};
  return dimensions((*bits & kSideMask) + 1, ((*bits >> 14) & kSideMask) + 1);
}

/// RFC 9649, section 2.7: flags, then 24 bits for each side of the canvas less one.
Dimensions extended(ByteReader& reader) {
  const auto width = reader.le24(kPayload + 4);
  const auto height = reader.le24(kPayload + 7);
  if (!width || !height) return {};
  return dimensions(*width + 1, *height + 1);
}

}  // namespace

Dimensions webp_dimensions(ByteReader& reader) {
  if (reader.matches(12, "VP8 ")) return lossy(reader);
  if (reader.matches(12, "VP8L")) return lossless(reader);
  if (reader.matches(12, "VP8X")) return extended(reader);
  return {};
}

}  // namespace creel

#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "image/byte_reader.h"
#include "image/dimensions.h"
#include "image/image_probe.h"

namespace creel {

/// A box of the ISO base media file format (ISO/IEC 14496-12): where its payload lies within the body.
struct Box {
  std::uint32_t type;
  std::uint64_t begin;
  std::uint64_t end;
};

/// The number that a box of this four-letter name carries as its type.
constexpr std::uint32_t box_type(std::string_view name) {
  std::uint32_t type = 0;
  for (const char c : name) type = type << 8 | static_cast<std::uint8_t>(c);
  return type;
}

/// The box whose header begins at `offset`; nothing if it does not end by `limit` or its header makes no
/// sense. `limit` is at most the size of the body.
std::optional<Box> read_box(ByteReader& reader, std::uint64_t offset, std::uint64_t limit);

/// The first box of that type among those that lie side by side from `begin` to `end`.
std::optional<Box> find_box(ByteReader& reader, std::uint32_t type, std::uint64_t begin, std::uint64_t end);

/// `avif` or `heic` by the brands of the file type box; nothing for other media, such as video.
std::optional<ImageType> heif_type(ByteReader& reader);

/// The primary image of an AVIF or HEIC file as a decoder shows it: cropped and turned where the file says so
/// (ISO/IEC 23008-12). Where the file names no primary image, the largest one's size. Nothing while the
/// metadata is not there to its end.
Dimensions heif_dimensions(ByteReader& reader);

}  // namespace creel

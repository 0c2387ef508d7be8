#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/byte_buffer.h"

namespace creel {

enum class ImageType : std::uint8_t { jpeg, png, gif, webp, avif, heic, bmp, tiff, svg, ico, jxl };

inline constexpr auto kImageTypes = [] {
  using enum ImageType;
  return std::array{jpeg, png, gif, webp, avif, heic, bmp, tiff, svg, ico, jxl};
}();

/// "image/jpeg"
std::string_view content_type(ImageType type);

/// The usual extension without the dot: "jpg".
std::string_view extension(ImageType type);

/// True if `ext` (without the dot, any case) is a name people use for this type, as "jpeg", "JPG" and "jfif"
/// for JPEG.
bool is_extension_of(std::string_view ext, ImageType type);

/// True if it is one for any type.
bool is_image_extension(std::string_view ext);

struct ImageInfo {
  ImageType type;
  /// In pixels; nothing where the header does not say (an SVG without size, a file cut before its size).
  std::optional<std::uint32_t> width;
  std::optional<std::uint32_t> height;
};

/// The type by the first bytes, never by a name or header; nothing if it is no image: HTML, JSON, text,
/// empty. 512 bytes are enough for all but SVG, whose root element is looked for in the first 4 KiB.
std::optional<ImageType> sniff_image(const BodyView& body);

/// Type and size out of the header bytes, without decoding. Reads only what it needs, never beyond `body`,
/// and is safe on hostile input: bounded steps whatever the bytes say.
std::optional<ImageInfo> probe_image(const BodyView& body);

}  // namespace creel

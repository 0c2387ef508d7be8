#pragma once

#include <cstdint>
#include <optional>

#include "image/byte_reader.h"

namespace creel {

/// Width and height in pixels, each nothing where it is not known.
struct Dimensions {
  std::optional<std::uint32_t> width;
  std::optional<std::uint32_t> height;

  bool operator==(const Dimensions&) const = default;
};

/// Numbers as a header gives them: a zero there stands for "not known".
Dimensions dimensions(std::optional<std::uint32_t> width, std::optional<std::uint32_t> height);

// One function for each container: the size out of a body that was sniffed to be of that type. Whatever the
// bytes say, each takes a bounded number of steps and answers with nothing where it cannot find its way.

/// The first frame header (SOFn), behind any number of metadata segments. The EXIF orientation is not
/// applied.
Dimensions jpeg_dimensions(ByteReader& reader);

/// The header chunk (IHDR).
Dimensions png_dimensions(ByteReader& reader);

/// The logical screen.
Dimensions gif_dimensions(ByteReader& reader);

/// The core (OS/2) or info header; rows from top to bottom (a negative height) count as well.
Dimensions bmp_dimensions(ByteReader& reader);

/// The largest picture of the directory.
Dimensions ico_dimensions(ByteReader& reader);

/// The first chunk: a lossy frame, a lossless frame, or the canvas of an extended file.
Dimensions webp_dimensions(ByteReader& reader);

/// The first page, which for most files is the only one. Both byte orders, TIFF and BigTIFF.
Dimensions tiff_dimensions(ByteReader& reader);

/// The codestream's size header, bare or in a box. The orientation is not applied.
Dimensions jxl_dimensions(ByteReader& reader);

}  // namespace creel

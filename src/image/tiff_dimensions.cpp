#include <algorithm>

#include "image/dimensions.h"

namespace creel {
namespace {

/// How TIFF (6.0) and BigTIFF lay out an image file directory.
struct Layout {
  ByteOrder order;
  std::uint64_t first_directory_at;
  std::size_t offset_bytes;
  std::size_t count_bytes;
  std::uint64_t entry_bytes;
};

std::optional<Layout> layout(ByteReader& reader) {
  const auto order = reader.matches(0, "II") ? ByteOrder::little : ByteOrder::big;
  const auto version = reader.number(2, 2, order);
  if (version == 42U) return Layout{order, 4, 4, 2, 12};
  if (version == 43U) return Layout{order, 8, 8, 8, 20};
  return std::nullopt;
}

/// The value of a directory entry that holds one whole number; nothing if it is of another type or too large.
std::optional<std::uint32_t> entry_value(ByteReader& reader, std::uint64_t entry, const Layout& layout) {
  constexpr std::uint64_t kShort = 3;
  constexpr std::uint64_t kLong = 4;
  constexpr std::uint64_t kLong8 = 16;

  const auto value_at = entry + 4 + layout.offset_bytes;
  const auto type = reader.number(entry + 2, 2, layout.order);
  std::optional<std::uint64_t> value;
  if (type == kShort) value = reader.number(value_at, 2, layout.order);
  if (type == kLong) value = reader.number(value_at, 4, layout.order);
  if (type == kLong8 && layout.offset_bytes == 8) value = reader.number(value_at, 8, layout.order);
  if (!value || *value > UINT32_MAX) return std::nullopt;
  return static_cast<std::uint32_t>(*value);
}

}  // namespace

Dimensions tiff_dimensions(ByteReader& reader) {
  constexpr std::uint64_t kImageWidth = 256;
  constexpr std::uint64_t kImageLength = 257;
  // Entries stand in the order of their tags, so the size is among the first few.
  constexpr std::uint64_t kMaxEntries = 1024;

  const auto file = layout(reader);
  if (!file) return {};
  const auto directory = reader.number(file->first_directory_at, file->offset_bytes, file->order);
  // Beyond this test no sum below can overflow.
  if (!directory || *directory >= reader.size()) return {};
  const auto count = reader.number(*directory, file->count_bytes, file->order);
  if (!count) return {};

  std::optional<std::uint32_t> width;
  std::optional<std::uint32_t> height;
  for (std::uint64_t i = 0; i < std::min(*count, kMaxEntries); ++i) {
    const auto entry = *directory + file->count_bytes + i * file->entry_bytes;
    const auto tag = reader.number(entry, 2, file->order);
    if (!tag) break;
    if (*tag == kImageWidth) width = entry_value(reader, entry, *file);
    if (*tag == kImageLength) height = entry_value(reader, entry, *file);
  }
  return dimensions(width, height);
}

}  // namespace creel

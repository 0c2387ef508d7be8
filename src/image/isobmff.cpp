#include "image/isobmff.h"

#include <algorithm>
#include <vector>

namespace creel {
namespace {

/// The most boxes looked at side by side; a photograph cut into tiles has some ten.
constexpr std::size_t kMaxBoxes = 256;
/// The most boxes of associations: there are four forms of them, each of which may be there once.
constexpr std::size_t kMaxAssociationBoxes = 4;
/// The most brands and the most items looked at; a 100-megapixel photograph has about 400 tiles.
constexpr std::uint64_t kMaxBrands = 64;
constexpr std::uint64_t kMaxItems = 4096;

std::optional<ImageType> brand_type(std::uint32_t brand) {
  switch (brand) {
    case box_type("avif"):
    case box_type("avis"): return ImageType::avif;
    case box_type("heic"):
    case box_type("heix"):
    case box_type("heim"):
    case box_type("heis"):
    case box_type("hevc"):
    case box_type("hevx"):
    case box_type("hevm"):
    case box_type("hevs"): return ImageType::heic;
    default: return std::nullopt;
  }
}

/// The first `max_boxes` boxes from `begin` to `end`, as far as they make sense.
std::vector<Box> boxes(ByteReader& reader, std::uint64_t begin, std::uint64_t end, std::size_t max_boxes) {
  std::vector<Box> result;
  while (result.size() < max_boxes) {
    const auto box = read_box(reader, begin, end);
    if (!box) break;
    result.push_back(*box);
    begin = box->end;
  }
  return result;
}

std::optional<std::uint64_t> primary_item(ByteReader& reader, const Box& meta) {
  const auto box = find_box(reader, box_type("pitm"), meta.begin + 4, meta.end);
  if (!box) return std::nullopt;
  const auto version = reader.u8(box->begin);
  return reader.number(box->begin + 4, version == 0U ? 2 : 4, ByteOrder::big);
}

/// The numbers, from 1, of the properties of `item`, out of one item property association box (`ipma`).
std::vector<std::uint16_t> property_numbers(ByteReader& reader, const Box& ipma, std::uint64_t item) {
  const auto head = reader.be32(ipma.begin);
  const auto item_count = reader.be32(ipma.begin + 4);
  if (!head || !item_count) return {};
  const std::size_t id_bytes = (*head >> 24) == 0 ? 2 : 4;
  const std::size_t number_bytes = (*head & 1) == 0 ? 1 : 2;
  // The top bit says that the property is essential.
  const std::uint64_t number_mask = number_bytes == 1 ? 0x7F : 0x7FFF;

  std::uint64_t offset = ipma.begin + 8;
  for (std::uint64_t i = 0; i < std::min<std::uint64_t>(*item_count, kMaxItems) && offset < ipma.end; ++i) {
    const auto id = reader.number(offset, id_bytes, ByteOrder::big);
    const auto count = reader.u8(offset + id_bytes);
    if (!id || !count) return {};
    offset += id_bytes + 1;
    if (*id != item) {
      offset += *count * number_bytes;
      continue;
    }
    std::vector<std::uint16_t> numbers;
    for (std::size_t k = 0; k < *count && offset + number_bytes <= ipma.end; ++k, offset += number_bytes) {
      const auto number = reader.number(offset, number_bytes, ByteOrder::big);
      if (number) numbers.push_back(static_cast<std::uint16_t>(*number & number_mask));
    }
    return numbers;
  }
  return {};
}

/// The quotient of the fraction at `offset`, or `whole` if it says more than that or nothing.
std::uint32_t cropped(ByteReader& reader, std::uint64_t offset, std::uint32_t whole) {
  const auto numerator = reader.be32(offset).value_or(0);
  const auto denominator = reader.be32(offset + 4).value_or(0);
  if (denominator == 0) return whole;
  const auto side = numerator / denominator;
  return side == 0 || side > whole ? whole : side;
}

/// An image spatial extents property (`ispe`).
Dimensions extents(ByteReader& reader, const Box& ispe) {
  return dimensions(reader.be32(ispe.begin + 4), reader.be32(ispe.begin + 8));
}

/// The size that the properties give, which apply in the order in which they are listed.
Dimensions apply_properties(ByteReader& reader, const std::vector<Box>& properties,
                            const std::vector<std::uint16_t>& numbers) {
  Dimensions size;
  for (const auto number : numbers) {
    if (number == 0 || number > properties.size()) continue;
    const auto& property = properties[number - 1];
    if (property.type == box_type("ispe")) {
      size = extents(reader, property);
    } else if (property.type == box_type("clap") && size.width && size.height) {
      size.width = cropped(reader, property.begin, *size.width);
      size.height = cropped(reader, property.begin + 8, *size.height);
    } else if (property.type == box_type("irot")) {
      const bool quarter_turn = (reader.u8(property.begin).value_or(0) & 1) != 0;
      if (quarter_turn) std::swap(size.width, size.height);
    }
  }
  return size;
}

Dimensions largest_extents(ByteReader& reader, const std::vector<Box>& properties) {
  const auto area = [](const Dimensions& size) {
    return std::uint64_t{size.width.value_or(0)} * size.height.value_or(0);
  };
  Dimensions largest;
  for (const auto& property : properties) {
    if (property.type != box_type("ispe")) continue;
    const auto size = extents(reader, property);
    if (area(size) > area(largest)) largest = size;
  }
  return largest;
}

}  // namespace

std::optional<Box> read_box(ByteReader& reader, std::uint64_t offset, std::uint64_t limit) {
  const auto short_size = reader.be32(offset);
  const auto type = reader.be32(offset + 4);
  if (!short_size || !type || offset > limit) return std::nullopt;
  std::uint64_t size = *short_size;
  std::uint64_t header_bytes = 8;
  if (size == 1) {
    size = reader.number(offset + 8, 8, ByteOrder::big).value_or(0);
    header_bytes = 16;
  } else if (size == 0) {
    size = limit - offset;
  }
  if (size < header_bytes || size > limit - offset) return std::nullopt;
  return Box{*type, offset + header_bytes, offset + size};
}

std::optional<Box> find_box(ByteReader& reader, std::uint32_t type, std::uint64_t begin, std::uint64_t end) {
  for (std::size_t i = 0; i < kMaxBoxes; ++i) {
    const auto box = read_box(reader, begin, end);
    if (!box || box->type == type) return box;
    begin = box->end;
  }
  return std::nullopt;
}

std::optional<ImageType> heif_type(ByteReader& reader) {
  if (!reader.matches(4, "ftyp")) return std::nullopt;
  const std::uint64_t end = std::min<std::uint64_t>(reader.be32(0).value_or(0), 16 + 4 * kMaxBrands);
  if (end < 16) return std::nullopt;
  if (const auto type = brand_type(reader.be32(8).value_or(0))) return type;
  // Files with a general brand, such as `mif1`, say what they are in the list of compatible ones.
  for (std::uint64_t offset = 16; offset + 4 <= end; offset += 4) {
    if (const auto type = brand_type(reader.be32(offset).value_or(0))) return type;
  }
  return std::nullopt;
}

Dimensions heif_dimensions(ByteReader& reader) {
  const auto meta = find_box(reader, box_type("meta"), 0, reader.size());
  if (!meta) return {};
  const auto iprp = find_box(reader, box_type("iprp"), meta->begin + 4, meta->end);
  if (!iprp) return {};
  const auto ipco = find_box(reader, box_type("ipco"), iprp->begin, iprp->end);
  if (!ipco) return {};
  const auto properties = boxes(reader, ipco->begin, ipco->end, kMaxBoxes);

  if (const auto item = primary_item(reader, *meta)) {
    for (const auto& box : boxes(reader, ipco->end, iprp->end, kMaxAssociationBoxes)) {
      if (box.type != box_type("ipma")) continue;
      const auto size = apply_properties(reader, properties, property_numbers(reader, box, *item));
      if (size.width && size.height) return size;
    }
  }
  return largest_extents(reader, properties);
}

}  // namespace creel

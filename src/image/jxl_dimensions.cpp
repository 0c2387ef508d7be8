#include "image/dimensions.h"
#include "image/isobmff.h"

namespace creel {
namespace {

constexpr std::string_view kSignature = "\xFF\x0A";

/// Bits of a body, the lowest of each byte first. Beyond the end there are zeros, which `overrun` tells.
class BitReader {
 public:
  BitReader(ByteReader& reader, std::uint64_t offset) : reader_(&reader), offset_(offset) {}

  std::uint32_t bits(int count) {
    std::uint32_t result = 0;
    for (int i = 0; i < count; ++i, ++position_) {
      const auto byte = reader_->u8(offset_ + position_ / 8);
      if (!byte) overrun_ = true;
      result |= ((byte.value_or(0) >> (position_ % 8)) & 1U) << i;
    }
    return result;
  }

  bool overrun() const { return overrun_; }

 private:
  ByteReader* reader_;
  std::uint64_t offset_;
  std::uint64_t position_ = 0;
  bool overrun_ = false;
};

std::uint32_t side(BitReader& bits, bool small) {
  if (small) return (bits.bits(5) + 1) * 8;
  constexpr int kWidths[] = {9, 13, 18, 30};
  return bits.bits(kWidths[bits.bits(2)]) + 1;
}

/// The size header at the begin of a codestream: ISO/IEC 18181-1, annex D.2.
Dimensions size_header(BitReader bits) {
  struct Ratio {
    std::uint64_t width;
    std::uint64_t height;
  };
  constexpr Ratio kRatios[] = {{1, 1}, {12, 10}, {4, 3}, {3, 2}, {16, 9}, {5, 4}, {2, 1}};

  const bool small = bits.bits(1) != 0;
  const auto height = side(bits, small);
  const auto ratio = bits.bits(3);
  if (ratio == 0) {
    const auto width = side(bits, small);
    return bits.overrun() ? Dimensions{} : dimensions(width, height);
  }
  if (bits.overrun()) return {};
  const auto& shape = kRatios[ratio - 1];
  return dimensions(static_cast<std::uint32_t>(height * shape.width / shape.height), height);
}

/// Where the codestream begins: at once, or in a box, whole or its first part (ISO/IEC 18181-2). That box may
/// be longer than what is there of the body.
std::optional<std::uint64_t> find_codestream(ByteReader& reader) {
  constexpr int kMaxBoxes = 64;
  if (reader.matches(0, kSignature)) return 0;
  std::uint64_t offset = 0;
  for (int i = 0; i < kMaxBoxes; ++i) {
    const std::uint64_t header_bytes = reader.be32(offset) == 1U ? 16 : 8;
    if (reader.matches(offset + 4, "jxlc")) return offset + header_bytes;
    if (reader.matches(offset + 4, "jxlp")) return offset + header_bytes + 4;
    const auto box = read_box(reader, offset, reader.size());
    if (!box) return std::nullopt;
    offset = box->end;
  }
  return std::nullopt;
}

}  // namespace

Dimensions jxl_dimensions(ByteReader& reader) {
  const auto codestream = find_codestream(reader);
  if (!codestream || !reader.matches(*codestream, kSignature)) return {};
  return size_header(BitReader(reader, *codestream + kSignature.size()));
}

}  // namespace creel

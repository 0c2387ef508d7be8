#include "image/dimensions.h"

namespace creel {
namespace {

// Markers of ITU-T T.81, table B.1.
constexpr std::uint8_t kTem = 0x01;
constexpr std::uint8_t kDht = 0xC4;
constexpr std::uint8_t kJpg = 0xC8;
constexpr std::uint8_t kDac = 0xCC;
constexpr std::uint8_t kRst0 = 0xD0;
constexpr std::uint8_t kSoi = 0xD8;
constexpr std::uint8_t kEoi = 0xD9;
constexpr std::uint8_t kSos = 0xDA;

bool is_frame_header(std::uint8_t marker) {
  return marker >= 0xC0 && marker <= 0xCF && marker != kDht && marker != kJpg && marker != kDac;
}

bool stands_alone(std::uint8_t marker) {
  return marker == kTem || (marker >= kRst0 && marker <= kSoi);
}

}  // namespace

Dimensions jpeg_dimensions(ByteReader& reader) {
  // Segments, fill bytes and stray bytes alike take a step. A megabyte of EXIF and colour profile is 16
  // segments.
  constexpr int kMaxSteps = 4096;

  std::uint64_t offset = 2;
  for (int step = 0; step < kMaxSteps; ++step) {
    const auto lead = reader.u8(offset);
    const auto marker = reader.u8(offset + 1);
    if (!lead || !marker) return {};
    if (*lead != 0xFF || *marker == 0xFF || *marker == 0) {
      ++offset;
    } else if (stands_alone(*marker)) {
      offset += 2;
    } else if (is_frame_header(*marker)) {
      // FFCn, length, precision, then the lines and the samples per line.
      return dimensions(reader.be16(offset + 7), reader.be16(offset + 5));
    } else if (*marker == kSos || *marker == kEoi) {
      return {};
    } else {
      const auto length = reader.be16(offset + 2);
      if (!length || *length < 2) return {};
      offset += 2U + *length;
    }
  }
  return {};
}

}  // namespace creel

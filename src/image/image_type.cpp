#include <algorithm>
#include <array>
#include <span>

#include "base/text.h"
#include "image/byte_reader.h"
#include "image/image_probe.h"
#include "image/isobmff.h"
#include "image/svg.h"

namespace creel {
namespace {

struct TypeNames {
  ImageType type;
  std::string_view content_type;
  /// The usual extension, then the others.
  std::array<std::string_view, 7> extensions;
};

constexpr TypeNames kNames[] = {
    {ImageType::jpeg, "image/jpeg", {"jpg", "jpeg", "jpe", "jfif", "jif", "pjpeg", "pjp"}},
    {ImageType::png, "image/png", {"png", "apng"}},
    {ImageType::gif, "image/gif", {"gif"}},
    {ImageType::webp, "image/webp", {"webp"}},
    {ImageType::avif, "image/avif", {"avif", "avifs"}},
    {ImageType::heic, "image/heic", {"heic", "heif", "hif", "heics", "heifs"}},
    {ImageType::bmp, "image/bmp", {"bmp", "dib"}},
    {ImageType::tiff, "image/tiff", {"tif", "tiff"}},
    {ImageType::svg, "image/svg+xml", {"svg"}},
    {ImageType::ico, "image/vnd.microsoft.icon", {"ico"}},
    {ImageType::jxl, "image/jxl", {"jxl"}},
};

const TypeNames& names(ImageType type) {
  // The table lists every type in the order of its number, which a test checks.
  return kNames[static_cast<std::size_t>(type)];
}

/// "BM" alone could begin a text, so the rest of the header must make sense as well.
bool is_bmp(ByteReader& reader) {
  constexpr std::uint32_t kCoreHeaderBytes = 12;
  constexpr std::uint32_t kInfoHeaderBytes[] = {16, 40, 52, 56, 64, 108, 124};
  if (!reader.matches(0, "BM")) return false;
  const auto header_bytes = reader.le32(14);
  if (header_bytes == kCoreHeaderBytes) return reader.le16(22) == 1U;
  return header_bytes && std::ranges::find(kInfoHeaderBytes, *header_bytes) != std::end(kInfoHeaderBytes) &&
         reader.le16(26) == 1U;
}

/// An icon has no signature but a few zeros, so its first directory entry must make sense as well.
bool is_ico(ByteReader& reader) {
  constexpr std::uint32_t kHeaderBytes = 6;
  constexpr std::uint32_t kEntryBytes = 16;
  constexpr std::uint16_t kMaxBitsPerPixel = 32;
  if (!reader.matches(0, std::string_view("\0\0\1\0", 4))) return false;
  const auto count = reader.le16(4);
  const auto reserved = reader.u8(9);
  const auto planes = reader.le16(10);
  const auto bits_per_pixel = reader.le16(12);
  const auto bytes = reader.le32(14);
  const auto offset = reader.le32(18);
  if (!offset || *count == 0) return false;
  return *reserved == 0 && *planes <= 1 && *bits_per_pixel <= kMaxBitsPerPixel && *bytes > 0 &&
         *offset >= kHeaderBytes + *count * kEntryBytes;
}

bool is_tiff(ByteReader& reader) {
  return reader.matches(0, std::string_view("II*\0", 4)) || reader.matches(0, std::string_view("MM\0*", 4)) ||
         reader.matches(0, std::string_view("II+\0", 4)) || reader.matches(0, std::string_view("MM\0+", 4));
}

bool is_jxl(ByteReader& reader) {
  constexpr std::string_view kSignatureBox("\0\0\0\x0CJXL \r\n\x87\n", 12);
  return reader.matches(0, "\xFF\x0A") || reader.matches(0, kSignatureBox);
}

}  // namespace

std::string_view content_type(ImageType type) {
  return names(type).content_type;
}

std::string_view extension(ImageType type) {
  return names(type).extensions.front();
}

bool is_extension_of(std::string_view ext, ImageType type) {
  if (ext.empty()) return false;
  return std::ranges::any_of(names(type).extensions, [ext](std::string_view name) { return ascii_iequals(name, ext); });
}

bool is_image_extension(std::string_view ext) {
  return std::ranges::any_of(kImageTypes, [&](ImageType type) { return is_extension_of(ext, type); });
}

std::optional<ImageType> sniff_image(const BodyView& body) {
  ByteReader reader(body);
  if (reader.matches(0, "\xFF\xD8\xFF")) return ImageType::jpeg;
  if (reader.matches(0, "\x89PNG\r\n\x1A\n")) return ImageType::png;
  if (reader.matches(0, "GIF87a") || reader.matches(0, "GIF89a")) return ImageType::gif;
  if (reader.matches(0, "RIFF") && reader.matches(8, "WEBPVP8")) return ImageType::webp;
  if (const auto type = heif_type(reader)) return type;
  if (is_bmp(reader)) return ImageType::bmp;
  if (is_tiff(reader)) return ImageType::tiff;
  if (is_ico(reader)) return ImageType::ico;
  if (is_jxl(reader)) return ImageType::jxl;
  if (is_svg(reader)) return ImageType::svg;
  return std::nullopt;
}

}  // namespace creel

#include "image/byte_reader.h"

#include <algorithm>
#include <span>

namespace creel {
namespace {

template <class Narrow>
std::optional<Narrow> narrowed(std::optional<std::uint64_t> number) {
  if (!number) return std::nullopt;
  return static_cast<Narrow>(*number);
}

}  // namespace

std::optional<std::uint64_t> ByteReader::number(std::uint64_t offset, std::size_t bytes, ByteOrder order) {
  if (offset > size() || size() - offset < bytes) return std::nullopt;
  std::uint64_t result = 0;
  for (std::size_t i = 0; i < bytes; ++i) {
    const auto place = order == ByteOrder::big ? i : bytes - 1 - i;
    result = result << 8 | byte(offset + place);
  }
  return result;
}

std::optional<std::uint8_t> ByteReader::u8(std::uint64_t offset) {
  return narrowed<std::uint8_t>(number(offset, 1, ByteOrder::big));
}

std::optional<std::uint16_t> ByteReader::be16(std::uint64_t offset) {
  return narrowed<std::uint16_t>(number(offset, 2, ByteOrder::big));
}

std::optional<std::uint32_t> ByteReader::be32(std::uint64_t offset) {
  return narrowed<std::uint32_t>(number(offset, 4, ByteOrder::big));
}

std::optional<std::uint16_t> ByteReader::le16(std::uint64_t offset) {
  return narrowed<std::uint16_t>(number(offset, 2, ByteOrder::little));
}

std::optional<std::uint32_t> ByteReader::le24(std::uint64_t offset) {
  return narrowed<std::uint32_t>(number(offset, 3, ByteOrder::little));
}

std::optional<std::uint32_t> ByteReader::le32(std::uint64_t offset) {
  return narrowed<std::uint32_t>(number(offset, 4, ByteOrder::little));
}

bool ByteReader::matches(std::uint64_t offset, std::string_view expected) {
  if (offset > size() || size() - offset < expected.size()) return false;
  for (const char c : expected) {
    if (byte(offset++) != static_cast<std::uint8_t>(c)) return false;
  }
  return true;
}

std::string ByteReader::text(std::uint64_t offset, std::size_t max_bytes) const {
  if (offset >= size()) return {};
  std::string result(static_cast<std::size_t>(std::min<std::uint64_t>(max_bytes, size() - offset)), '\0');
  body_->read(static_cast<std::size_t>(offset), std::as_writable_bytes(std::span(result)));
  return result;
}

std::uint8_t ByteReader::byte(std::uint64_t offset) {
  if (offset < window_begin_ || offset - window_begin_ >= window_bytes_) {
    window_begin_ = offset;
    window_bytes_ = body_->read(static_cast<std::size_t>(offset), window_);
  }
  return std::to_integer<std::uint8_t>(window_[static_cast<std::size_t>(offset - window_begin_)]);
}

}  // namespace creel

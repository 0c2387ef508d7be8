#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/byte_buffer.h"

namespace creel {

enum class ByteOrder : std::uint8_t { big, little };

/// Numbers and text out of a body at any offset. What does not lie wholly within the body is nothing, so a
/// parser need not ask for the size first. Keeps a small window of the body, so that neighbouring reads are
/// cheap however many pieces the body has. The body must outlive it. Threads: its own.
class ByteReader {
 public:
  explicit ByteReader(const BodyView& body) : body_(&body) {}

  std::uint64_t size() const { return body_->size(); }

  /// The unsigned number of `bytes` (1 to 8) bytes at `offset`.
  std::optional<std::uint64_t> number(std::uint64_t offset, std::size_t bytes, ByteOrder order);

  std::optional<std::uint8_t> u8(std::uint64_t offset);
  std::optional<std::uint16_t> be16(std::uint64_t offset);
  std::optional<std::uint32_t> be32(std::uint64_t offset);
  std::optional<std::uint16_t> le16(std::uint64_t offset);
  std::optional<std::uint32_t> le24(std::uint64_t offset);
  std::optional<std::uint32_t> le32(std::uint64_t offset);

  /// True if the bytes at `offset` are `expected`.
  bool matches(std::uint64_t offset, std::string_view expected);

  /// The bytes from `offset` on, at most `max_bytes` and fewer at the end of the body.
  std::string text(std::uint64_t offset, std::size_t max_bytes) const;

 private:
  static constexpr std::size_t kWindowBytes = 512;

  /// The byte at `offset`, which must lie within the body.
  std::uint8_t byte(std::uint64_t offset);

  const BodyView* body_;
  std::array<std::byte, kWindowBytes> window_;
  std::uint64_t window_begin_ = 0;
  std::size_t window_bytes_ = 0;
};

}  // namespace creel

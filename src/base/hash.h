#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace creel {

using Sha256Digest = std::array<std::uint8_t, 32>;

/// SHA-256 of bytes that arrive in pieces. Threads: one at a time.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  void update(std::span<const std::byte> data);

  /// The digest of all that was added; the object takes no more bytes afterwards.
  Sha256Digest finish();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

Sha256Digest sha256(std::string_view data);

using Md5Digest = std::array<std::uint8_t, 16>;

/// Against damage on the way only: where a protocol wants it.
Md5Digest md5(std::string_view data);

/// HMAC-SHA-256 (RFC 2104).
Sha256Digest hmac_sha256(std::span<const std::uint8_t> key, std::string_view data);

/// Lower-case hexadecimal.
std::string to_hex(std::span<const std::uint8_t> bytes);

/// The first eight hex digits of the SHA-256 of `text`: what keeps two cleaned names apart.
std::string short_hash(std::string_view text);

}  // namespace creel

#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace creel {

/// Bytes of a representation, both ends included.
struct ByteRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;

  std::uint64_t size() const { return last - first + 1; }
  bool operator==(const ByteRange&) const = default;
};

enum class RangeAnswer : std::uint8_t {
  /// The header asks for nothing that is understood: the whole is answered. So are several ranges: their answer would be
  /// larger than the whole as often as not, and nothing that shows images asks for them.
  whole,
  part,
  /// 416: there are no such bytes.
  not_satisfiable,
};

struct RangeDecision {
  RangeAnswer answer = RangeAnswer::whole;
  ByteRange range{};
};

/// What to answer to a Range header (RFC 9110, section 14.2); empty for none.
RangeDecision decide_range(std::string_view header, std::uint64_t size_bytes);

/// True if a list of entity tags, as in If-None-Match, has `etag` (weak comparison) or is "*".
bool matches_etag(std::string_view list, std::string_view etag);

}  // namespace creel

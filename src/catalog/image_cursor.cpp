#include "catalog/image_cursor.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/base64.h"
#include "base/failure.h"
#include "base/hash.h"
#include "catalog/persisted_time.h"

namespace creel {
namespace {

constexpr std::size_t kHashBytes = 6;
constexpr std::size_t kCursorBytes = 2 + 8 + 8 + kHashBytes;
constexpr unsigned char kWholeWords = 0x10;

template <class Value>
std::string text(const std::optional<Value>& value) {
  return value ? fmt::format("{}", static_cast<long long>(*value)) : "-";
}

std::string text(const std::optional<SystemTime>& time) {
  return time ? fmt::format("{}", persisted(*time)) : "-";
}

/// What tells one list from another. Parts are lengths or numbers, so that none can pass for two.
std::string fingerprint(const ImageQuery& query) {
  const auto& filter = query.filter;
  const auto type = filter.type.value_or("-");
  const auto all = fmt::format("{} {} {} {} {} {} {} {} {} {} {}:{} {}", static_cast<int>(query.sort),
                               text(filter.source), text(filter.state), text(filter.failure_kind), text(filter.nsfw),
                               text(filter.min_size_bytes), text(filter.max_size_bytes), text(filter.found_after),
                               text(filter.found_before), filter.type.has_value(), type.size(), type, filter.search);
  const auto digest = sha256(all);
  return {digest.begin(), digest.begin() + kHashBytes};
}

void put(std::string& bytes, long long number) {
  const auto value = static_cast<std::uint64_t>(number);
  for (int shift = 56; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(value >> shift));
}

long long get(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char c : bytes.substr(0, 8)) value = value << 8 | static_cast<unsigned char>(c);
  return static_cast<long long>(value);
}

}  // namespace

std::string to_cursor(const ImagePosition& position, const ImageQuery& query) {
  std::string bytes;
  bytes.push_back(1);  // the form of what follows
  bytes.push_back(
      static_cast<char>(static_cast<unsigned char>(position.part) | (position.whole_words ? kWholeWords : 0U)));
  put(bytes, position.key);
  put(bytes, position.id);
  bytes += fingerprint(query);
  // Of a length that needs no padding; in the alphabet that URLs leave alone.
  auto cursor = base64_encode(bytes);
  std::ranges::replace(cursor, '+', '-');
  std::ranges::replace(cursor, '/', '_');
  return cursor;
}

std::optional<ImagePosition> from_cursor(const ImageQuery& query) {
  if (query.cursor.empty()) return std::nullopt;
  auto cursor = query.cursor;
  std::ranges::replace(cursor, '-', '+');
  std::ranges::replace(cursor, '_', '/');
  const auto bytes = base64_decode(cursor);
  if (!bytes || bytes->size() != kCursorBytes || bytes->front() != 1) {
    throw Failure(FailureKind::bad_request, "this is no cursor: give the next_cursor of the page before");
  }
  const std::string_view view(*bytes);
  const auto flags = static_cast<unsigned char>(view[1]);
  const auto part = flags & 0x0fU;
  if (view.substr(18) != fingerprint(query) || part > 2 || (flags & ~(0x0fU | kWholeWords)) != 0) {
    throw Failure(FailureKind::bad_request,
                  "the cursor belongs to a list with another filter or sort: begin that list anew, without a cursor");
  }
  return ImagePosition{.part = static_cast<ImagePosition::Part>(part),
                       .key = get(view.substr(2)),
                       .id = get(view.substr(10)),
                       .whole_words = (flags & kWholeWords) != 0};
}

}  // namespace creel

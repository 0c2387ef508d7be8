#include "sources/xml_references.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "sources/html_entities.h"

namespace creel {
namespace {

/// Any number above the last character: all are the same to us.
constexpr std::uint32_t kTooLarge = 0x110000;

struct Reference {
  std::uint32_t number = 0;
  std::size_t bytes = 0;
};

std::optional<std::uint32_t> digit_of(char c, std::uint32_t base) {
  if (c >= '0' && c <= '9') return static_cast<std::uint32_t>(c - '0');
  if (base == 16 && c >= 'a' && c <= 'f') return static_cast<std::uint32_t>(c - 'a' + 10);
  if (base == 16 && c >= 'A' && c <= 'F') return static_cast<std::uint32_t>(c - 'A' + 10);
  return std::nullopt;
}

/// The numeric reference that the text begins with: "&#233;" or "&#xE9;", the x small, with any number of digits.
std::optional<Reference> reference_at_start(std::string_view text) {
  if (!text.starts_with("&#")) return std::nullopt;
  const bool is_hex = text.starts_with("&#x");
  const std::size_t begin = is_hex ? 3 : 2;
  const std::uint32_t base = is_hex ? 16 : 10;
  std::uint32_t number = 0;
  auto at = begin;
  for (; at < text.size(); ++at) {
    const auto digit = digit_of(text[at], base);
    if (!digit) break;
    number = std::min(number * base + *digit, kTooLarge);
  }
  if (at == begin || at == text.size() || text[at] != ';') return std::nullopt;
  return Reference{.number = number, .bytes = at + 1};
}

/// The bytes of the comment, CDATA section or instruction that the text begins with, or 0. One that is not closed goes
/// on to the end.
std::size_t special_bytes(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kSpecials = {
      {{"<![CDATA[", "]]>"}, {"<!--", "-->"}, {"<?", "?>"}}};
  for (const auto& [begin, end] : kSpecials) {
    if (!text.starts_with(begin)) continue;
    const auto found = text.find(end, begin.size());
    return found == std::string_view::npos ? text.size() : found + end.size();
  }
  return 0;
}

/// Goes over the markup once, and writes behind itself.
class Mender {
 public:
  explicit Mender(std::span<char> markup) : markup_(markup) {}

  std::span<char> mend();

 private:
  std::string_view rest() const { return std::string_view(markup_.data(), markup_.size()).substr(read_); }
  std::string_view stops() const;
  void keep(std::size_t bytes);
  void take_reference();
  /// Of a tag or of an attribute's value: what stands in quotes may have any other of these.
  void take_delimiter(char c);

  std::span<char> markup_;
  std::size_t read_ = 0;
  std::size_t written_ = 0;
  bool is_tag_ = false;
  char quote_ = '\0';
};

std::string_view Mender::stops() const {
  if (quote_ != '\0') return quote_ == '"' ? "&\"" : "&'";
  return is_tag_ ? "&\"'>" : "&<";
}

void Mender::keep(std::size_t bytes) {
  if (read_ != written_) std::memmove(markup_.data() + written_, markup_.data() + read_, bytes);
  read_ += bytes;
  written_ += bytes;
}

void Mender::take_reference() {
  const auto first = reference_at_start(rest());
  if (!first) return keep(1);
  auto number = first->number;
  auto bytes = first->bytes;
  if (number >= 0xD800 && number < 0xDC00) {
    const auto second = reference_at_start(rest().substr(bytes));
    if (second && second->number >= 0xDC00 && second->number < 0xE000) {
      number = 0x10000 + ((number - 0xD800) << 10) + (second->number - 0xDC00);
      bytes += second->bytes;
    }
  }
  const auto character = character_of_number(number);
  if (character == first->number) return keep(bytes);
  std::string utf8;
  append_utf8(utf8, character);
  std::ranges::copy(utf8, markup_.begin() + static_cast<std::ptrdiff_t>(written_));
  read_ += bytes;
  written_ += utf8.size();
}

void Mender::take_delimiter(char c) {
  if (c == '<') {
    is_tag_ = true;
  } else if (c == '>') {
    is_tag_ = false;
  } else {
    quote_ = quote_ == '\0' ? c : '\0';
  }
  keep(1);
}

std::span<char> Mender::mend() {
  for (;;) {
    const auto stop = rest().find_first_of(stops());
    keep(std::min(stop, rest().size()));
    if (rest().empty()) return markup_.first(written_);
    const char c = rest().front();
    if (c == '&') {
      take_reference();
    } else if (const auto bytes = c == '<' ? special_bytes(rest()) : 0; bytes > 0) {
      keep(bytes);
    } else {
      take_delimiter(c);
    }
  }
}

}  // namespace

std::span<char> mend_references(std::span<char> markup) {
  if (!std::string_view(markup.data(), markup.size()).contains("&#")) return markup;
  return Mender(markup).mend();
}

}  // namespace creel

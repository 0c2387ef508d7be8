#include "catalog/search_words.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/text.h"

namespace creel {
namespace {

constexpr std::size_t kMaxWords = 16;
constexpr std::size_t kMaxWordBytes = 100;

struct Range {
  std::uint32_t first;
  std::uint32_t last;
};

/// Characters beyond ASCII that stand between words. What is not among them but no letter either is sorted out by the
/// database, which splits such a word in the way it has split the titles.
constexpr std::array kSeparators = {
    Range{0x80, 0xa9},       Range{0xab, 0xb1},     Range{0xb4, 0xb4},     Range{0xb6, 0xb8},     Range{0xbb, 0xbb},
    Range{0xbf, 0xbf},       Range{0xd7, 0xd7},     Range{0xf7, 0xf7},     Range{0x2000, 0x206f}, Range{0x20a0, 0x20cf},
    Range{0x2190, 0x245f},   Range{0x2500, 0x2775}, Range{0x2794, 0x2bff}, Range{0x2e00, 0x2e7f}, Range{0x3000, 0x3004},
    Range{0x3008, 0x3020},   Range{0x3030, 0x3030}, Range{0x303d, 0x303f}, Range{0xfe00, 0xfe19}, Range{0xfe30, 0xfe6f},
    Range{0xfeff, 0xff0f},   Range{0xff1a, 0xff20}, Range{0xff3b, 0xff40}, Range{0xff5b, 0xff65}, Range{0xffe0, 0xffff},
    Range{0x1f000, 0x1faff},
};

bool is_separator(std::uint32_t character) {
  if (character < 0x80) {
    return !((character >= '0' && character <= '9') || (character >= 'a' && character <= 'z') ||
             (character >= 'A' && character <= 'Z'));
  }
  return std::ranges::any_of(kSeparators,
                             [&](const Range& range) { return character >= range.first && character <= range.last; });
}

/// The bytes of the character that begins with `lead`, in valid UTF-8.
std::size_t length(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead < 0xe0) return 2;
  return lead < 0xf0 ? 3 : 4;
}

std::uint32_t character(std::string_view bytes) {
  const auto lead = static_cast<unsigned char>(bytes.front());
  if (bytes.size() == 1) return lead;
  std::uint32_t value = lead & (0x7fU >> bytes.size());
  for (const char c : bytes.substr(1)) value = value << 6 | (static_cast<unsigned char>(c) & 0x3fU);
  return value;
}

}  // namespace

SearchWords search_words(std::string_view input) {
  const auto text = to_utf8(input);
  SearchWords found;
  std::string word;
  const auto end_word = [&] {
    if (!word.empty() && found.words.size() < kMaxWords) found.words.emplace_back(utf8_prefix(word, kMaxWordBytes));
    word.clear();
  };
  for (std::size_t at = 0; at < text.size();) {
    const auto bytes = std::string_view(text).substr(at, length(static_cast<unsigned char>(text[at])));
    if (is_separator(character(bytes))) {
      end_word();
    } else {
      word += bytes;
    }
    at += bytes.size();
  }
  end_word();
  return found;
}

std::string SearchWords::fts5() const {
  std::string query;
  for (const auto& word : words) query.append(query.empty() ? "" : " ").append("\"").append(word).append("\"");
  if (last_is_prefix && !query.empty()) query.push_back('*');
  return query;
}

std::string SearchWords::plain() const {
  std::string text;
  for (const auto& word : words) text.append(text.empty() ? "" : " ").append(word);
  return text;
}

}  // namespace creel

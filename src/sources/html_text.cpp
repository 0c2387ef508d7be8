#include "sources/html_text.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "sources/html_entities.h"
#include "sources/html_scanner.h"

namespace creel {
namespace {

/// Tags between which words do not grow together.
bool divides_words(const HtmlTag& tag) {
  static constexpr std::array<std::string_view, 9> kInline = {"a", "b", "i", "em", "strong", "span", "u", "sup", "sub"};
  return std::ranges::none_of(kInline, [&](const auto name) { return tag.is(name); });
}

/// Draws blanks together, the unbreakable ones too.
void append_text(std::string& out, std::string_view text, std::size_t max_bytes) {
  for (std::size_t i = 0; i < text.size() && out.size() <= max_bytes; ++i) {
    const bool is_nbsp = text.substr(i).starts_with("\u00a0");
    if (is_nbsp) ++i;
    if (is_nbsp || static_cast<unsigned char>(text[i]) <= ' ') {
      if (!out.empty() && out.back() != ' ') out += ' ';
    } else {
      out += text[i];
    }
  }
}

}  // namespace

std::string plain_text(std::string_view html, std::size_t max_bytes) {
  std::string out;
  HtmlScanner scanner(html);
  while (const auto piece = scanner.next()) {
    append_text(out, decode_entities(piece->text), max_bytes);
    if (piece->tag && divides_words(*piece->tag)) append_text(out, " ", max_bytes);
    if (out.size() > max_bytes) break;
  }
  return std::string(trim(utf8_prefix(out, max_bytes)));
}

bool has_tags(std::string_view text) {
  HtmlScanner scanner(text);
  while (const auto piece = scanner.next()) {
    if (piece->tag) return true;
  }
  return false;
}

std::string unescape_if_escaped_twice(std::string text) {
  const auto escaped = text.find("&lt;");
  if (escaped == std::string::npos || has_tags(text)) return text;
  auto decoded = decode_entities(text);
  return has_tags(decoded) ? decoded : text;
}

}  // namespace creel

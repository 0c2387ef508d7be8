#include "sources/xml_items.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace creel {
namespace {

struct Special {
  std::string_view begin;
  std::string_view end;
};

constexpr std::array<Special, 3> kSpecials = {{{"<![CDATA[", "]]>"}, {"<!--", "-->"}, {"<?", "?>"}}};

}  // namespace

XmlItems::XmlItems(std::string text) : text_(std::move(text)), root_(find_root()) {
  if (root_ >= text_.size()) return;
  const auto end = std::min(text_.find_first_of(" \t\r\n/>", root_), text_.size());
  const auto name = std::string_view(text_).substr(root_ + 1, end - root_ - 1);
  const auto colon = name.find(':');
  const auto prefix = colon == std::string_view::npos ? "" : name.substr(0, colon + 1);
  const auto local = colon == std::string_view::npos ? name : name.substr(colon + 1);
  if (local == "feed") item_tag_ = std::string(prefix) + "entry";
  // The prefix of RDF is not that of its items.
  if (local == "rss" || local == "RDF" || local == "channel") item_tag_ = "item";
  at_ = root_;
}

/// The "<" of the first element: there may be anything before it.
std::size_t XmlItems::find_root() const {
  for (auto at = text_.find('<'); at < text_.size(); at = text_.find('<', at)) {
    if (const auto behind = skip_special(at); behind != at) {
      at = behind;
    } else if (text_.compare(at, 2, "<!") == 0) {
      at = skip_doctype(at);
    } else {
      return at;
    }
  }
  return std::string::npos;
}

/// A document type ends with ">", but not inside of quotes or of the brackets around its own definitions.
std::size_t XmlItems::skip_doctype(std::size_t at) const {
  int depth = 0;
  for (at += 2; at < text_.size(); ++at) {
    const char c = text_[at];
    if (c == '"' || c == '\'') {
      at = text_.find(c, at + 1);
      if (at == std::string::npos) break;
    } else if (c == '[') {
      ++depth;
    } else if (c == ']') {
      --depth;
    } else if (c == '>' && depth <= 0) {
      return at + 1;
    }
  }
  return text_.size();
}

std::size_t XmlItems::skip_special(std::size_t at) const {
  for (std::size_t kind = 0; kind < kSpecials.size(); ++kind) {
    const auto& [begin, end] = kSpecials.at(kind);
    if (text_.compare(at, begin.size(), begin) != 0) continue;
    const auto inside = at + begin.size();
    const auto found = inside < unclosed_from_.at(kind) ? text_.find(end, inside) : std::string::npos;
    if (found != std::string::npos) return found + end.size();
    // What is not closed is no reason to lose all that follows, nor to search all of it again each time.
    unclosed_from_.at(kind) = std::min(unclosed_from_.at(kind), inside);
    return inside;
  }
  return at;
}

/// True if at `at` stand `before`, the name of items, and an end of the name.
bool XmlItems::is_item(std::size_t at, std::string_view before) const {
  const auto name = at + before.size();
  const auto behind = name + item_tag_.size();
  return text_.compare(at, before.size(), before) == 0 && text_.compare(name, item_tag_.size(), item_tag_) == 0 &&
         behind < text_.size() && std::string_view(" \t\r\n/>").find(text_[behind]) != std::string_view::npos;
}

std::size_t XmlItems::end_of_item(std::size_t begin) const {
  const auto opened = text_.find('>', begin);
  if (opened == std::string::npos) return text_.size();
  if (text_[opened - 1] == '/') return opened + 1;
  for (auto at = text_.find('<', opened); at < text_.size(); at = text_.find('<', at)) {
    if (is_item(at, "<")) return at;
    if (is_item(at, "</")) return std::min(text_.find('>', at), text_.size() - 1) + 1;
    const auto behind = skip_special(at);
    at = behind == at ? at + 1 : behind;
  }
  return text_.size();
}

std::optional<std::pair<std::size_t, std::size_t>> XmlItems::find_item(std::size_t from) const {
  for (auto at = text_.find('<', from); at < text_.size(); at = text_.find('<', at)) {
    if (is_item(at, "<")) return std::pair(at, end_of_item(at));
    const auto behind = skip_special(at);
    at = behind == at ? at + 1 : behind;
  }
  return std::nullopt;
}

std::string XmlItems::head() const {
  std::string head;
  auto at = root_;
  while (const auto item = find_item(at)) {
    head.append(text_, at, item->first - at);
    at = item->second;
  }
  head.append(text_, at);
  return head;
}

std::optional<std::span<char>> XmlItems::next() {
  const auto item = find_item(at_);
  if (!item) return std::nullopt;
  at_ = item->second;
  return std::span(text_).subspan(item->first, item->second - item->first);
}

bool is_too_much_markup(std::string_view markup) {
  constexpr std::ptrdiff_t kMost = 500'000;
  return std::ranges::count(markup, '<') + std::ranges::count(markup, '=') > kMost;
}

}  // namespace creel

#include "sources/html_scanner.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "sources/html_entities.h"

namespace creel {
namespace {

constexpr std::string_view kBlanks = " \t\r\n\f";

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// The position of the first of `chars` from `from` on, or the end.
std::size_t find_any(std::string_view text, std::string_view chars, std::size_t from) {
  return std::min(text.find_first_of(chars, from), text.size());
}

bool has_raw_contents(std::string_view name) {
  static constexpr std::array<std::string_view, 5> kRaw = {"script", "style", "textarea", "title", "xmp"};
  return std::ranges::any_of(kRaw, [&](const auto raw) { return ascii_iequals(raw, name); });
}

}  // namespace

bool HtmlTag::is(std::string_view tag_name) const {
  return ascii_iequals(name, tag_name);
}

std::optional<std::string> HtmlTag::attribute(std::string_view attribute_name) const {
  for (const auto& [attribute, value] : attributes) {
    if (ascii_iequals(attribute, attribute_name)) return std::string(trim(decode_entities(value)));
  }
  return std::nullopt;
}

std::optional<HtmlScanner::Piece> HtmlScanner::next() {
  if (at_ >= html_.size()) return std::nullopt;
  const auto begin = at_;
  for (;;) {
    at_ = std::min(html_.find('<', at_), html_.size());
    const auto text = html_.substr(begin, at_ - begin);
    if (at_ == html_.size()) return Piece{.text = text, .tag = std::nullopt};
    if (tag_begins()) return Piece{.text = text, .tag = read_tag()};
    if (skip_markup()) return Piece{.text = text, .tag = std::nullopt};
    ++at_;
  }
}

bool HtmlScanner::tag_begins() const {
  const auto name = at_ + (html_.substr(at_).starts_with("</") ? 2 : 1);
  return name < html_.size() && is_letter(html_[name]);
}

bool HtmlScanner::skip_markup() {
  const auto rest = html_.substr(at_);
  std::string_view end = ">";
  if (rest.starts_with("<!--")) {
    end = "-->";
    // "<!-->" is a whole comment.
    if (rest.starts_with("<!-->")) end = ">";
  } else if (rest.starts_with("<![CDATA[")) {
    // Its text is text: only the marks around it go.
    at_ += 9;
    return true;
  } else if (!rest.starts_with("<!") && !rest.starts_with("<?") && !rest.starts_with("</")) {
    return false;
  }
  const auto found = rest.find(end, 2);
  at_ = found == std::string_view::npos ? html_.size() : at_ + found + end.size();
  return true;
}

void HtmlScanner::skip_blanks() {
  at_ = std::min(html_.find_first_not_of(kBlanks, at_), html_.size());
}

HtmlTag HtmlScanner::read_tag() {
  HtmlTag tag;
  tag.is_end = html_[at_ + 1] == '/';
  const auto name = at_ + (tag.is_end ? 2 : 1);
  at_ = find_any(html_, " \t\r\n\f/>", name);
  tag.name = html_.substr(name, at_ - name);
  if (const auto colon = tag.name.rfind(':'); colon != std::string_view::npos) tag.name.remove_prefix(colon + 1);
  for (;;) {
    at_ = std::min(html_.find_first_not_of(" \t\r\n\f/", at_), html_.size());
    if (at_ == html_.size()) break;
    if (html_[at_] == '>') {
      ++at_;
      break;
    }
    const auto begin = at_;
    // A name may begin with "=".
    at_ = find_any(html_, " \t\r\n\f/>=", at_ + 1);
    const auto attribute = html_.substr(begin, at_ - begin);
    skip_blanks();
    std::string_view value;
    if (at_ < html_.size() && html_[at_] == '=') value = read_value();
    if (tag.attributes.size() < HtmlTag::kMaxAttributes) tag.attributes.emplace_back(attribute, value);
  }
  if (!tag.is_end && has_raw_contents(tag.name)) skip_contents(tag.name);
  return tag;
}

std::string_view HtmlScanner::read_value() {
  ++at_;
  skip_blanks();
  if (at_ == html_.size()) return {};
  const char quote = html_[at_];
  if (quote == '"' || quote == '\'') {
    const auto begin = ++at_;
    const auto end = std::min(html_.find(quote, begin), html_.size());
    at_ = std::min(end + 1, html_.size());
    return html_.substr(begin, end - begin);
  }
  const auto begin = at_;
  at_ = find_any(html_, " \t\r\n\f>", begin);
  return html_.substr(begin, at_ - begin);
}

/// Goes to the end tag of an element whose contents are no HTML.
void HtmlScanner::skip_contents(std::string_view name) {
  for (auto end = html_.find("</", at_); end != std::string_view::npos; end = html_.find("</", end + 2)) {
    if (ascii_iequals(html_.substr(end + 2, name.size()), name)) {
      at_ = end;
      return;
    }
  }
  at_ = html_.size();
}

}  // namespace creel

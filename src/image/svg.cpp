#include "image/svg.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>
#include <string_view>

#include "base/text.h"

namespace creel {
namespace {

constexpr std::size_t kMaxPrologBytes = 4096;
constexpr std::size_t kMaxTagBytes = 4096;
constexpr std::string_view kBlank = " \t\r\n";

void skip_blanks(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(kBlank), text.size()));
}

/// Drops `text` up to the end of the first `mark`, or all of it if there is none.
void skip_past(std::string_view& text, std::string_view mark) {
  const auto at = text.find(mark);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + mark.size());
}

/// Drops a document type declaration with its internal subset.
void skip_doctype(std::string_view& text) {
  const auto end = text.find_first_of("[>");
  if (end != std::string_view::npos && text[end] == '[') skip_past(text, "]");
  skip_past(text, ">");
}

/// True if `text` begins with the name `svg`, perhaps with a namespace prefix, and the name ends there.
bool begins_with_svg_name(std::string_view text) {
  const auto end = text.find_first_of(" \t\r\n/>[");
  if (end == std::string_view::npos) return false;
  const auto name = text.substr(0, end);
  return name.substr(name.find(':') + 1) == "svg";
}

/// What follows the `<` of the root element if that is an `svg`; empty if not.
std::string_view svg_root(std::string_view text) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  constexpr std::string_view kDoctype = "<!doctype";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  for (;;) {
    skip_blanks(text);
    if (text.starts_with("<?")) {
      skip_past(text, "?>");
    } else if (text.starts_with("<!--")) {
      skip_past(text, "-->");
    } else if (ascii_iequals(text.substr(0, kDoctype.size()), kDoctype)) {
      auto name = text.substr(kDoctype.size());
      skip_blanks(name);
      if (!begins_with_svg_name(name)) return {};
      skip_doctype(text);
    } else {
      if (!text.starts_with('<')) return {};
      text.remove_prefix(1);
      return begins_with_svg_name(text) ? text : std::string_view();
    }
  }
}

/// Where the root element's name begins within the body.
std::optional<std::size_t> svg_root_at(const ByteReader& reader) {
  const auto prolog = reader.text(0, kMaxPrologBytes);
  const auto root = svg_root(prolog);
  if (root.empty()) return std::nullopt;
  return prolog.size() - root.size();
}

struct Attribute {
  std::string_view name;
  std::string_view value;
};

/// Takes the next attribute off a start tag; nothing at the tag's end or where it is malformed.
std::optional<Attribute> take_attribute(std::string_view& tag) {
  skip_blanks(tag);
  const auto name = tag.substr(0, tag.find_first_of(" \t\r\n=/>\"'<"));
  if (name.empty()) return std::nullopt;
  tag.remove_prefix(name.size());
  skip_blanks(tag);
  if (!tag.starts_with('=')) return std::nullopt;
  tag.remove_prefix(1);
  skip_blanks(tag);
  if (tag.empty() || (tag[0] != '"' && tag[0] != '\'')) return std::nullopt;
  const auto end = tag.find(tag[0], 1);
  if (end == std::string_view::npos) return std::nullopt;
  const auto value = tag.substr(1, end - 1);
  tag.remove_prefix(end + 1);
  return Attribute{name, value};
}

/// Takes a number off the begin of `text`; nothing if there is none.
std::optional<double> take_number(std::string_view& text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || !std::isfinite(number)) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

/// A length in pixels; nothing for another unit or a percentage, and for what is not above zero.
std::optional<double> pixels(std::string_view text) {
  text = trim(text);
  const auto number = take_number(text);
  if (!number || *number <= 0) return std::nullopt;
  if (!text.empty() && !ascii_iequals(text, "px")) return std::nullopt;
  return number;
}

/// The width and height of a `viewBox`: the last two of its four numbers.
std::optional<std::array<double, 2>> view_box(std::string_view text) {
  std::array<double, 4> numbers;
  for (auto& number : numbers) {
    text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n,"), text.size()));
    const auto taken = take_number(text);
    if (!taken) return std::nullopt;
    number = *taken;
  }
  if (numbers[2] <= 0 || numbers[3] <= 0) return std::nullopt;
  return std::array{numbers[2], numbers[3]};
}

std::optional<std::uint32_t> whole_pixels(std::optional<double> length) {
  if (!length || *length >= UINT32_MAX) return std::nullopt;
  return std::max(static_cast<std::uint32_t>(std::round(*length)), 1U);
}

/// The size by the attributes of the root element, given what follows its name.
Dimensions size_of_tag(std::string_view tag) {
  std::optional<double> width;
  std::optional<double> height;
  std::optional<std::array<double, 2>> box;
  while (const auto attribute = take_attribute(tag)) {
    if (attribute->name == "width") width = pixels(attribute->value);
    if (attribute->name == "height") height = pixels(attribute->value);
    if (attribute->name == "viewBox") box = view_box(attribute->value);
  }
  if (!tag.starts_with('>') && !tag.starts_with("/>")) return {};
  if (box) {
    // One side alone is scaled to the shape of the box, as browsers do it.
    const auto [box_width, box_height] = *box;
    if (!width && !height) width = box_width;
    if (!width) width = *height * box_width / box_height;
    if (!height) height = *width * box_height / box_width;
  }
  return {whole_pixels(width), whole_pixels(height)};
}

}  // namespace

bool is_svg(const ByteReader& reader) {
  return svg_root_at(reader).has_value();
}

Dimensions svg_dimensions(const ByteReader& reader) {
  const auto root = svg_root_at(reader);
  if (!root) return {};
  const auto text = reader.text(*root, kMaxTagBytes);
  return size_of_tag(std::string_view(text).substr(std::min(text.find_first_of(" \t\r\n/>"), text.size())));
}

}  // namespace creel

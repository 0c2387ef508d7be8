#include "cli/text_table.h"

#include <algorithm>

#include "base/text.h"

namespace creel {
namespace {

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return !is_continuation(c); }));
}

}  // namespace

std::string shown(std::string_view text) {
  auto clean = to_utf8(text);
  std::string result;
  for (std::size_t i = 0; i < clean.size(); ++i) {
    const auto byte = static_cast<unsigned char>(clean[i]);
    // U+0080 to U+009F steer terminals too.
    const bool is_c1 = byte == 0xC2 && i + 1 < clean.size() && static_cast<unsigned char>(clean[i + 1]) < 0xA0;
    if (is_c1) ++i;
    result += byte < 0x20 || byte == 0x7F || is_c1 ? ' ' : clean[i];
  }
  return result;
}

std::string shortened(std::string_view text, std::size_t max_characters) {
  if (characters(text) <= max_characters) return std::string(text);
  std::size_t end = 0;
  for (std::size_t left = max_characters - std::min<std::size_t>(3, max_characters); end < text.size(); ++end) {
    if (!is_continuation(text[end]) && left-- == 0) break;
  }
  return std::string(text.substr(0, end)) + "...";
}

TextTable::TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {}

void TextTable::add(std::vector<std::string> cells) {
  for (auto& cell : cells) cell = shown(cell);
  cells.resize(columns_.size());
  rows_.push_back(std::move(cells));
}

std::string TextTable::str() const {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    auto width = characters(columns_[i].title);
    for (const auto& row : rows_) width = std::max(width, characters(row[i]));
    widths.push_back(width);
  }
  std::string text;
  const auto add_line = [&](const auto& cell_of) {
    std::string line;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const std::string& cell = cell_of(i);
      const std::string padding(widths[i] - characters(cell), ' ');
      if (i > 0) line += "  ";
      line += columns_[i].align == Align::right ? padding + cell : cell + padding;
    }
    while (line.ends_with(' ')) line.pop_back();
    text += line + "\n";
  };
  add_line([this](std::size_t i) -> const std::string& { return columns_[i].title; });
  for (const auto& row : rows_) add_line([&row](std::size_t i) -> const std::string& { return row[i]; });
  return text;
}

}  // namespace creel

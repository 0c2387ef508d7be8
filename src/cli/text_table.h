#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace creel {

/// A text as it may be shown on a terminal: control characters, which could steer it, and what is no UTF-8 are replaced.
std::string shown(std::string_view text);

/// The beginning of a text, with "..." if it is longer than so many characters.
std::string shortened(std::string_view text, std::size_t max_characters);

/// Rows of text in columns, for people. Threads: one.
class TextTable {
 public:
  enum class Align : std::uint8_t { left, right };
  struct Column {
    std::string title;
    Align align = Align::left;
  };

  explicit TextTable(std::vector<Column> columns);

  /// One text a column; they are made fit for a terminal.
  void add(std::vector<std::string> cells);

  bool empty() const { return rows_.empty(); }

  /// The titles, and the rows below them.
  std::string str() const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace creel

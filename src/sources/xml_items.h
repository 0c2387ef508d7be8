#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace creel {

/// Divides an XML feed into its head and its items before they are parsed: so memory is bounded by the largest item, and
/// one that is malformed costs only itself. Document types, with whatever entities they define, are skipped. The text
/// is no feed if `is_feed` is false.
class XmlItems {
 public:
  /// @param text  UTF-8
  explicit XmlItems(std::string text);

  bool is_feed() const { return !item_tag_.empty(); }

  const std::string& text() const { return text_; }

  /// The feed without its items, from its root element on.
  std::string head() const;

  /// The markup of the next item, to be parsed in place; nothing at the end. One that is not closed ends where the next
  /// one begins.
  std::optional<std::span<char>> next();

 private:
  std::size_t find_root() const;
  std::size_t skip_doctype(std::size_t at) const;
  /// Behind the comment, CDATA section or the like that begins at `at`, or `at` if none does.
  std::size_t skip_special(std::size_t at) const;
  bool is_item(std::size_t at, std::string_view before) const;
  std::optional<std::pair<std::size_t, std::size_t>> find_item(std::size_t from) const;
  std::size_t end_of_item(std::size_t begin) const;

  std::string text_;
  std::size_t root_ = 0;
  /// "item" or "entry", with a prefix if the root has one; empty if the text is no feed.
  std::string item_tag_;
  std::size_t at_ = 0;
  /// Behind these there is no end of a CDATA section, comment or instruction.
  mutable std::array<std::size_t, 3> unclosed_from_{std::string::npos, std::string::npos, std::string::npos};
};

/// True if the markup has more elements and attributes than any honest item, and would take up memory without end.
bool is_too_much_markup(std::string_view markup);

}  // namespace creel

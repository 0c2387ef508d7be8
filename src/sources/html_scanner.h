#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace creel {

/// A tag of HTML. Valid as long as the text that was scanned.
struct HtmlTag {
  /// As it is written, a prefix ("xhtml:") left out; compare it without case.
  std::string_view name;
  bool is_end = false;
  /// Names and values as they are written, the first kMaxAttributes of them.
  std::vector<std::pair<std::string_view, std::string_view>> attributes{};

  static constexpr std::size_t kMaxAttributes = 64;

  bool is(std::string_view tag_name) const;
  /// The first attribute of that name, references decoded and blanks around it dropped.
  std::optional<std::string> attribute(std::string_view attribute_name) const;
};

/// Divides HTML into tags and the text between, as the tokenizer of the HTML standard does: comments and the contents of
/// scripts and styles are skipped. It builds no tree, so its work is linear and its memory constant, however broken or
/// deeply nested the text is. Threads: one at a time.
class HtmlScanner {
 public:
  /// @param html  must outlive the scanner and what it gives
  explicit HtmlScanner(std::string_view html) : html_(html) {}

  struct Piece {
    /// Text in front of the tag, references not decoded.
    std::string_view text;
    /// Nothing at the end.
    std::optional<HtmlTag> tag;
  };

  /// The next piece; nothing at the end.
  std::optional<Piece> next();

 private:
  /// Goes over a comment, declaration or the like at `at_`; false if something else is there.
  bool skip_markup();
  bool tag_begins() const;
  HtmlTag read_tag();
  std::string_view read_value();
  void skip_contents(std::string_view name);
  void skip_blanks();

  std::string_view html_;
  std::size_t at_ = 0;
};

}  // namespace creel

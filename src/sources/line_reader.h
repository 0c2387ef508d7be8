#pragma once

#include <cstddef>
#include <cstdint>
#include <istream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sources/list_input.h"

namespace creel {

/// Longer lines, and records of several lines, are no images of anybody's.
inline constexpr std::size_t kMaxLineBytes = std::size_t{64} * 1024;

/// Lines of a list, or its bytes for those who divide them otherwise. A byte order mark is skipped. Holds
/// little more than `kMaxLineBytes`, unless more is asked for with `read_more`. Threads: one at a time;
/// reading blocks.
class LineReader {
 public:
  struct Line {
    /// Without its end ("\n" or "\r\n"); empty if it is too long. Valid until the next line is asked for.
    std::string_view text;
    /// From 1.
    std::uint64_t number = 0;
    bool too_long = false;
  };

  /// @param name  what positions and failures call the list
  LineReader(std::unique_ptr<std::istream> stream, std::string name);

  /// The next line; nothing at the end. Failures as `ListInput::read`.
  std::optional<Line> next_line();

  /// The bytes at hand that are not taken yet, valid until more are read.
  std::string_view window() const { return {buffer_.data() + begin_, end_ - begin_}; }

  /// Reads more bytes behind the window; false at the end. Failures as `ListInput::read`.
  bool read_more();

  /// Takes bytes, which end with a line, from the front of the window.
  void take(std::size_t bytes);

  /// The number of the line where the window begins.
  std::uint64_t line_number() const { return line_number_; }

  /// "urls.txt:17"
  std::string position(std::uint64_t line_number) const;

 private:
  bool read_some();
  Line skip_long_line();

  std::string name_;
  ListInput input_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::uint64_t line_number_ = 1;
  bool begun_ = false;
};

}  // namespace creel

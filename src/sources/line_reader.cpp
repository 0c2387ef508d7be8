#include "sources/line_reader.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include <fmt/format.h>

namespace creel {
namespace {

constexpr std::size_t kChunkBytes = std::size_t{64} * 1024;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::string_view without_carriage_return(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace

LineReader::LineReader(std::unique_ptr<std::istream> stream, std::string name)
    : name_(name), input_(std::move(stream), std::move(name)), buffer_(2 * kChunkBytes) {}

bool LineReader::read_some() {
  if (buffer_.size() - end_ < kChunkBytes) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= std::exchange(begin_, 0);
    if (buffer_.size() - end_ < kChunkBytes) buffer_.resize(2 * buffer_.size());
  }
  const auto count = input_.read(std::span(buffer_).subspan(end_, kChunkBytes));
  end_ += count;
  return count > 0;
}

bool LineReader::read_more() {
  if (begun_) return read_some();
  begun_ = true;
  while (window().size() < kByteOrderMark.size() && read_some()) continue;
  if (window().starts_with(kByteOrderMark)) begin_ += kByteOrderMark.size();
  return !window().empty() || read_some();
}

void LineReader::take(std::size_t bytes) {
  line_number_ += static_cast<std::uint64_t>(std::ranges::count(window().substr(0, bytes), '\n'));
  begin_ += bytes;
}

std::optional<LineReader::Line> LineReader::next_line() {
  std::size_t searched = 0;
  for (;;) {
    const auto at_hand = window();
    auto length = at_hand.find('\n', searched);
    const bool found = length != std::string_view::npos;
    searched = at_hand.size();
    if (!found && searched <= kMaxLineBytes && read_more()) continue;
    if (!found) length = searched;
    if (length > kMaxLineBytes) return skip_long_line();
    if (!found && at_hand.empty()) return std::nullopt;

    const Line line{.text = without_carriage_return(window().substr(0, length)), .number = line_number_};
    begin_ += length + (found ? 1 : 0);
    if (found) ++line_number_;
    return line;
  }
}

LineReader::Line LineReader::skip_long_line() {
  const Line line{.text = {}, .number = line_number_, .too_long = true};
  for (;;) {
    const auto end = window().find('\n');
    if (end != std::string_view::npos) {
      take(end + 1);
      return line;
    }
    begin_ = end_ = 0;
    if (!read_more()) return line;
  }
}

std::string LineReader::position(std::uint64_t line_number) const {
  return fmt::format("{}:{}", name_, line_number);
}

}  // namespace creel

#include "aws/one_line.h"

#include <algorithm>

#include "base/text.h"

namespace creel::aws {

std::string one_line(std::string_view text) {
  constexpr std::size_t kMaxBytes = 300;
  std::string line(utf8_prefix(trim(text), kMaxBytes));
  std::ranges::replace_if(line, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, ' ');
  return line;
}

}  // namespace creel::aws

#include "api/label.h"

#include <algorithm>
#include <array>

namespace creel {
namespace {

/// Words that are written in capitals.
constexpr std::array<std::string_view, 7> kCapitals{"api", "html", "id", "json", "nsfw", "rss", "url"};

char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

}  // namespace

std::string label_of(std::string_view name) {
  std::string label;
  while (!name.empty()) {
    const auto word = name.substr(0, name.find_first_of("_-"));
    name.remove_prefix(std::min(name.size(), word.size() + 1));
    if (!label.empty()) label += ' ';
    const bool is_capital = std::ranges::find(kCapitals, word) != kCapitals.end();
    for (const char c : word) label += is_capital || label.empty() ? upper(c) : c;
  }
  return label;
}

}  // namespace creel

#include "cli/config_key.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include <fmt/format.h>

#include "base/text.h"

namespace creel {
namespace {

std::string upper(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return result;
}

/// A TOML basic string.
std::string toml_string(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    if (static_cast<unsigned char>(c) < 0x20) {
      result += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      result += c;
    }
  }
  return result + '"';
}

/// How many letters have to be put in, left out or changed (Levenshtein).
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 0; i < a.size(); ++i) {
    auto diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const auto changed = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string ConfigKey::full_name() const {
  return fmt::format("{}.{}", section, name);
}

std::string ConfigKey::variable() const {
  return fmt::format("CREEL_{}_{}", upper(section), upper(name));
}

std::string ConfigKey::flag() const {
  auto text = fmt::format("--{}-{}", section, name);
  std::ranges::replace(text, '_', '-');
  return text;
}

std::string config_literal(const ConfigKey& key, const std::string& text) {
  switch (key.type) {
    case ConfigType::integer:
    case ConfigType::boolean: return text;
    case ConfigType::texts: {
      std::vector<std::string> items;
      for (const auto item : split(text, ',')) {
        if (!trim(item).empty()) items.push_back(toml_string(trim(item)));
      }
      return fmt::format("[{}]", fmt::join(items, ", "));
    }
    default: return toml_string(text);
  }
}

std::string nearest_word(std::string_view word, std::span<const std::string_view> words) {
  std::string_view nearest;
  auto least = std::numeric_limits<std::size_t>::max();
  for (const auto candidate : words) {
    const auto far = distance(word, candidate);
    if (far < least) {
      least = far;
      nearest = candidate;
    }
  }
  const auto most = std::max<std::size_t>(2, word.size() / 2);
  return least <= most ? std::string(nearest) : "";
}

}  // namespace creel

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace creel {

/// Beginnings of words up to this length have an index of their own.
inline constexpr std::size_t kIndexedPrefix = 3;

/// What a search consists of. Threads: immutable.
struct SearchWords {
  std::vector<std::string> words;
  /// The last word may be the beginning of one.
  bool last_is_prefix = true;

  bool empty() const { return words.empty(); }

  /// As SQLite's full-text search reads it: every word quoted, so that none is an operator.
  std::string fts5() const;
  /// The words alone, between spaces.
  std::string plain() const;
};

/// Takes a user's text apart at all that is neither letter nor digit; a text without either gives no words. At most
/// sixteen words count, and their first 100 bytes.
SearchWords search_words(std::string_view text);

}  // namespace creel

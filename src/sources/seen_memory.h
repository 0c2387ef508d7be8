#pragma once

#include <cstddef>
#include <deque>
#include <set>
#include <string>
#include <string_view>

namespace creel {

/// What polls have gone into already, as a small text that goes from poll to poll: the last 2,000 names, each as eight hex
/// digits of its hash; and whether a poll has ever come to its end. Threads: one.
class SeenMemory {
 public:
  /// @param text  of an earlier memory; anything else counts as empty
  explicit SeenMemory(std::string_view text);

  static constexpr std::size_t kMost = 2'000;

  bool contains(std::string_view name) const;
  void remember(std::string_view name);
  bool is_full() const { return order_.size() >= kMost; }

  /// True if a poll has gone over everything and has left nothing for the next one. Only then do images that are known
  /// mean that those behind them are known too.
  bool is_whole() const { return is_whole_; }
  void set_whole(bool is_whole) { is_whole_ = is_whole; }

  /// Never empty.
  std::string text() const;

 private:
  void add(std::string digits);

  std::set<std::string> known_;
  std::deque<std::string> order_;
  bool is_whole_ = false;
};

/// The text of a memory, or any other, without the word that it is whole.
std::string not_whole(std::string text);

}  // namespace creel

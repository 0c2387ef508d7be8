#pragma once

#include <deque>
#include <set>
#include <string>
#include <string_view>

namespace creel {

/// What polls have gone into already, as a small text that goes from poll to poll: the last 2,000 names, each as eight hex
/// digits of its hash. Threads: one.
class SeenMemory {
 public:
  /// @param text  of an earlier memory; anything else counts as empty
  explicit SeenMemory(std::string_view text);

  bool contains(std::string_view name) const;
  void remember(std::string_view name);

  std::string text() const;

 private:
  void add(std::string digits);

  std::set<std::string> known_;
  std::deque<std::string> order_;
};

}  // namespace creel

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <toml++/toml.h>
#include <vector>

namespace creel::deploy {

/// A table of a configuration file that is read key by key, each with its type
/// and its bounds. What is wrong is refused with file and line.
class ConfigTable {
 public:
  /// @param table, file  must outlive it
  /// @param name  for messages: "[deploy]"
  ConfigTable(const toml::table& table, const std::string& file, std::string name)
      : table_(table), file_(file), name_(std::move(name)) {}

  /// The value of a key, which counts as known from now on; null if there is
  /// none.
  const toml::node* find(std::string_view key);

  // Nothing where the key is not there. @throws Failure bad_request
  std::optional<std::string> text(std::string_view key);
  std::optional<bool> truth(std::string_view key);
  std::optional<int> number(std::string_view key, int least, int most);
  /// A text, or a list of them.
  std::optional<std::vector<std::string>> texts(std::string_view key);
  /// A table of texts; numbers and truth values are taken as they are written.
  std::optional<std::map<std::string, std::string>> text_table(std::string_view key);

  /// @throws Failure bad_request  if there is a key that nobody asked for
  void refuse_unknown() const;

  /// @throws Failure bad_request  "creel.toml:7: memory: why"
  [[noreturn]] void refuse(std::string_view key, std::string_view why) const;
  [[noreturn]] void refuse(const toml::node& node, std::string_view what) const;

 private:
  std::string text_in(const toml::node& node, std::string_view key) const;

  const toml::table& table_;
  const std::string& file_;
  std::string name_;
  std::set<std::string, std::less<>> known_;
};

}  // namespace creel::deploy

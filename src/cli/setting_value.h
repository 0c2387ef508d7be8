#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/fwd.hpp>

namespace creel {

/// Settings of a source as a command line has them.
struct SettingFlags {
  /// "NAME=VALUE"; a list by the same name again, a header as "NAME.HEADER=VALUE".
  std::vector<std::string> values;
  /// "NAME=FILE": the value is what the file holds.
  std::vector<std::string> files;
  /// Names.
  std::vector<std::string> unset;

  bool empty() const { return values.empty() && files.empty() && unset.empty(); }
};

/// The settings as the API takes them, each as JSON of the type that its kind of source gives it; null for those to be
/// unset. What is of no use as that type goes as text: the API says what is wrong with it.
/// @param types  the answer of /sources/types
/// @throws Failure bad_request  no "=", a secret that is no file, or a file that cannot be read
boost::json::object settings_json(const SettingFlags& flags, std::string_view type, const boost::json::value& types);

/// The whole text of a file, or of standard input for "-".
/// @throws Failure bad_request  it cannot be read
std::string read_input(const std::string& file);

}  // namespace creel

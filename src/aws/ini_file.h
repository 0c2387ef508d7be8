#pragma once

#include <map>
#include <string>
#include <string_view>

namespace creel::aws {

using IniSection = std::map<std::string, std::string, std::less<>>;
using IniFile = std::map<std::string, IniSection, std::less<>>;

/// The sections of an AWS configuration file. Section names stay as written
/// between the brackets, keys become lower case; lines that start with "#" or
/// ";" are comments, and a line that is indented deeper than its key goes on
/// with that key's value, which is how groups such as `s3 =` are written. A
/// section that comes twice is one.
/// @param file_name  for messages
/// @throws Failure bad_auth  naming file and line
IniFile parse_ini(std::string_view text, std::string_view file_name);

}  // namespace creel::aws

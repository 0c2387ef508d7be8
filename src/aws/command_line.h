#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace creel::aws {

/// The words of a command as a POSIX shell divides them: blanks, single and
/// double quotes, backslash. Nothing is expanded: `$` and `*` are characters
/// like any other.
/// @throws Failure bad_auth  for a quote that does not end, or no words at all
std::vector<std::string> split_command(std::string_view command);

}  // namespace creel::aws

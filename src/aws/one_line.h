#pragma once

#include <string>
#include <string_view>

namespace creel::aws {

/// What a service says, as it may stand in a message of ours: without line
/// ends and other control characters, and cut to a length that can be read.
std::string one_line(std::string_view text);

}  // namespace creel::aws

#pragma once

#include <string>

namespace creel::aws {

/// The trimmed text of a small file, such as one that holds a token.
/// @throws Failure bad_auth  it cannot be read or is empty
std::string read_token_file(const std::string& path);

}  // namespace creel::aws

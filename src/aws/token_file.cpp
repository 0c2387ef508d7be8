#include "aws/token_file.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include <fmt/format.h>

#include "base/failure.h"
#include "base/text.h"

namespace creel::aws {

std::string read_token_file(const std::string& path) {
  std::ifstream file(path);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  if (!file) {
    throw Failure(FailureKind::bad_auth, fmt::format("cannot read the token file {}: {}", path, std::strerror(errno)));
  }
  std::string token(trim(text));
  if (token.empty()) throw Failure(FailureKind::bad_auth, fmt::format("the token file {} is empty", path));
  return token;
}

}  // namespace creel::aws

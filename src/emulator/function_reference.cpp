#include "emulator/function_reference.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "emulator/service_error.h"

namespace creel::emulator {
namespace {

constexpr std::size_t kMaxNameLength = 64;

bool is_word(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](unsigned char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
  });
}

bool is_qualifier(std::string_view text) {
  return text == "$LATEST" || is_word(text);
}

[[noreturn]] void refuse(std::string_view text) {
  throw ServiceError(
      400, "ValidationException",
      fmt::format("1 validation error detected: Value '{}' at 'functionName' failed to satisfy constraint: "
                  "Member must satisfy regular expression pattern: "
                  "(arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{{2}}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{{1}}:)?"
                  "(\\d{{12}}:)?(function:)?([a-zA-Z0-9-_]+)(:(\\$LATEST|[a-zA-Z0-9-_]+))?",
                  text));
}

}  // namespace

FunctionReference parse_function_reference(std::string_view text) {
  const auto parts = split(text, ':');
  FunctionReference reference;
  std::size_t at = 0;
  if (parts[0] == "arn") {
    if (parts.size() < 7 || !parts[1].starts_with("aws") || parts[2] != "lambda" || parts[5] != "function")
      refuse(text);
    reference.region = parts[3];
    reference.account = parts[4];
    at = 6;
  } else if (parts.size() >= 3 && parts[1] == "function") {
    reference.account = parts[0];
    at = 2;
  } else if (parts.size() >= 2 && parts[0] == "function" && is_word(parts[1])) {
    at = 1;
  }
  if (parts.size() > at + 2) refuse(text);
  reference.name = parts[at];
  if (!is_word(reference.name) || reference.name.size() > kMaxNameLength) refuse(text);
  if (parts.size() == at + 2) {
    reference.qualifier = parts[at + 1];
    if (!is_qualifier(reference.qualifier)) refuse(text);
  }
  return reference;
}

}  // namespace creel::emulator

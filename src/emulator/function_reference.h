#pragma once

#include <string>
#include <string_view>

namespace creel::emulator {

/// How a caller names a function: NAME, ACCOUNT:function:NAME or a whole ARN, each with or without ":QUALIFIER".
struct FunctionReference {
  std::string name;
  /// A version, an alias or empty.
  std::string qualifier{};
  /// Empty where the reference says none.
  std::string region{};
  std::string account{};
};

/// @param text  decoded already
/// @throws ServiceError 400 ValidationException
FunctionReference parse_function_reference(std::string_view text);

}  // namespace creel::emulator

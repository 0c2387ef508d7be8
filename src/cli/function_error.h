#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace creel {

/// The error that a function answered with.
struct FunctionError {
  std::string type;
  std::string message;
  std::vector<std::string> stack;
};

/// Reads {"errorType", "errorMessage", "stackTrace"}; what is no such object is the message as it is.
FunctionError parse_function_error(std::string_view payload);

/// What a person can do about an error of that type; empty if only the function's author knows.
std::string_view advice_for(const FunctionError& error);

/// As people read it: type and message, the stack below, and what to do.
std::string describe(const FunctionError& error, std::string_view function);

}  // namespace creel

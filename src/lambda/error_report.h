#pragma once

#include <exception>
#include <string>
#include <string_view>
#include <vector>

namespace creel::lambda {

/// An error as the service and the caller get to see it.
struct ErrorReport {
  std::string type;
  std::string message;
  /// One line a frame, innermost first.
  std::vector<std::string> stack;
};

/// What a handler threw: type and message of an `Error`; the C++ type's name and `what()` of any other exception.
ErrorReport report_of(const std::exception_ptr& error);

/// `{"errorMessage", "errorType", "stackTrace"}`; a message over 64 KiB is cut.
std::string to_json(const ErrorReport& report);

/// The type as the service keeps it, `(Runtime|Function).TitleCase`: a type of another form is made into
/// one, `std::runtime_error` into `Function.RuntimeError`. For Lambda-Runtime-Function-Error-Type.
std::string service_type(std::string_view type);

/// The name of a type that a human would write, from the compiler's.
std::string demangled(const char* name);

/// The largest answer that the service takes, and the error that it makes of a larger one.
constexpr std::size_t kMaxAnswerBytes = 6 * 1024 * 1024 + 100;
ErrorReport answer_too_large();

}  // namespace creel::lambda

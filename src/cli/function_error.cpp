#include "cli/function_error.h"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace creel {
namespace json = boost::json;
namespace {

constexpr std::string_view kTimedOut = "Sandbox.Timedout";
constexpr std::size_t kMaxShownBytes = 2'000;

struct TypeAdvice {
  std::string_view type;
  std::string_view advice;
};

constexpr TypeAdvice kAdvice[] = {
    {kTimedOut, "it ran out of time: raise the function's time-out, or give it less to do"},
    {"Runtime.OutOfMemory", "it ran out of memory: raise the function's memory"},
    {"Runtime.ExitError", "its process ended in the middle of the call: look at the log (--log), and at its memory"},
    {"Runtime.NoSuchHandler", "the zip has no handler of that name: `bootstrap --list` says which it has"},
    {"Runtime.InvalidEntrypoint",
     "the zip needs an executable file `bootstrap` for this architecture: see creel package"},
    {"Function.ResponseSizeTooLarge",
     "its answer is above 6 MiB: let it answer with less, or store it and answer where"},
};

std::string text_of(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

/// A line of the stack: text, or whatever a runtime writes there.
std::string frame_of(const json::value& value) {
  return value.is_string() ? std::string(value.get_string()) : json::serialize(value);
}

/// Text for a terminal, which must not be told to do anything.
std::string printable(std::string_view text) {
  std::string result(text.substr(0, kMaxShownBytes));
  std::ranges::replace_if(
      result, [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') || c == 0x7F; },
      ' ');
  return result;
}

}  // namespace

FunctionError parse_function_error(std::string_view payload) {
  boost::system::error_code error;
  const auto value = json::parse(payload, error);
  if (error || !value.is_object()) return {.type = {}, .message = std::string(payload), .stack = {}};
  const auto& object = value.get_object();
  FunctionError found{.type = text_of(object, "errorType"), .message = text_of(object, "errorMessage"), .stack = {}};
  // An older service gives no type here.
  if (found.type.empty() && found.message.find("Task timed out after ") != std::string::npos) found.type = kTimedOut;
  if (found.type.empty() && found.message.empty()) found.message = payload;
  for (const auto* name : {"stackTrace", "trace"}) {
    const auto* stack = object.if_contains(name);
    if (stack == nullptr || !stack->is_array()) continue;
    for (const auto& frame : stack->get_array()) found.stack.push_back(frame_of(frame));
    break;
  }
  return found;
}

std::string_view advice_for(const FunctionError& error) {
  const auto* entry = std::ranges::find(kAdvice, std::string_view(error.type), &TypeAdvice::type);
  return entry != std::end(kAdvice) ? entry->advice : std::string_view();
}

std::string describe(const FunctionError& error, std::string_view function) {
  auto text = fmt::format("function {} failed: {}", function, printable(error.type.empty() ? "error" : error.type));
  if (!error.message.empty()) text += ": " + printable(error.message);
  for (const auto& frame : error.stack) text += "\n    " + printable(frame);
  if (const auto advice = advice_for(error); !advice.empty()) text += fmt::format("\n  {}", advice);
  return text;
}

}  // namespace creel

#include "emulator/runtime_state.h"

#include <algorithm>

#include <fmt/format.h>

namespace creel::emulator {
namespace {

std::string_view aim_of(RuntimeAction action) {
  switch (action) {
    case RuntimeAction::response: return to_string(RuntimeState::responding);
    case RuntimeAction::error: return to_string(RuntimeState::responding_with_error);
    case RuntimeAction::init_error: return to_string(RuntimeState::init_error);
    default: return to_string(RuntimeState::ready);
  }
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

}  // namespace

std::string_view to_string(RuntimeState state) {
  switch (state) {
    case RuntimeState::started: return "Started";
    case RuntimeState::init_error: return "InitError";
    case RuntimeState::ready: return "Ready";
    case RuntimeState::running: return "Running";
    case RuntimeState::responding: return "InvocationResponse";
    case RuntimeState::responding_with_error: return "InvocationErrorResponse";
    case RuntimeState::response_sent: return "RuntimeResponseSentState";
  }
  return "";
}

std::optional<RuntimeState> after(RuntimeState state, RuntimeAction action) {
  using enum RuntimeState;
  switch (action) {
    case RuntimeAction::next:
      // While it has an invocation it is told of that one again.
      if (state == running) return running;
      if (state == started || state == ready || state == response_sent) return ready;
      return std::nullopt;
    case RuntimeAction::invoked: return state == ready ? std::optional(running) : std::nullopt;
    case RuntimeAction::response: return state == running ? std::optional(responding) : std::nullopt;
    case RuntimeAction::error: return state == running ? std::optional(responding_with_error) : std::nullopt;
    case RuntimeAction::init_error: return state == started ? std::optional(init_error) : std::nullopt;
    case RuntimeAction::response_read:
      return state == responding || state == responding_with_error ? std::optional(response_sent) : std::nullopt;
  }
  return std::nullopt;
}

std::string transition_message(RuntimeState state, RuntimeAction action) {
  return fmt::format("State transition from {} to {} failed for runtime. Error: State transition is not allowed",
                     to_string(state), aim_of(action));
}

std::string valid_error_type(std::string_view type) {
  for (const std::string_view category : {"Runtime.", "Function."}) {
    if (!type.starts_with(category)) continue;
    const auto reason = type.substr(category.size());
    const bool is_valid =
        reason.size() > 1 && reason[0] >= 'A' && reason[0] <= 'Z' && std::ranges::all_of(reason, is_letter);
    return is_valid ? std::string(type) : fmt::format("{}Unknown", category);
  }
  return "Runtime.Unknown";
}

}  // namespace creel::emulator

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace creel::emulator {

/// Where a function's process is in its talk with the Runtime API.
enum class RuntimeState : std::uint8_t {
  /// It has not asked for anything yet.
  started,
  /// It said that it cannot start.
  init_error,
  /// It waits for an invocation.
  ready,
  /// It has one.
  running,
  /// It is sending the answer, or why there is none.
  responding,
  responding_with_error,
  /// The answer is complete, and it has not asked for another invocation.
  response_sent,
};

/// What it does.
enum class RuntimeAction : std::uint8_t {
  next,
  response,
  error,
  init_error,
  /// Ours: the answer has been read to its end.
  response_read,
  /// Ours: an invocation was given to it.
  invoked,
};

/// The state's name in messages.
std::string_view to_string(RuntimeState state);

/// The state after an action; nothing if it is not allowed.
std::optional<RuntimeState> after(RuntimeState state, RuntimeAction action);

/// What a process is told whose action is not allowed.
std::string transition_message(RuntimeState state, RuntimeAction action);

/// The type of error that a process states, if it has the form of one, else what stands for it.
std::string valid_error_type(std::string_view type);

}  // namespace creel::emulator

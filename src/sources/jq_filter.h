#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace creel {

// What goes over the socket between a process that wants a jq program run and the child that runs it.
//
// To the child: one line, "creel-jq 1 MEMORY_BYTES CPU_SECONDS OUTPUT_BYTES RESULTS PROGRAM_BYTES VARIABLES_BYTES
// INPUT_BYTES", then the program, its variables (a JSON object) and its input, one behind the other. An input of no bytes
// asks for nothing but compiling.
//
// From the child: a line a result, "+" and JSON; last a line that tells how it ended: "." for well, or "!", a
// `JqFault` and the message as a JSON string.

/// Why a filter did not run to its end.
enum class JqFault : char {
  /// The program does not compile.
  compile = 'c',
  /// The input is no JSON.
  input = 'i',
  /// The program ended with an error.
  run = 'r',
  /// More output than allowed.
  output = 'o',
  /// More memory than allowed.
  memory = 'm',
};

inline constexpr std::string_view kJqGreeting = "creel-jq 1";
/// Longer messages are cut.
inline constexpr std::size_t kMaxJqMessageBytes = 2000;

/// The child's side: reads one job from `socket`, shuts itself in (`enter_sandbox`), and answers on the same socket. To
/// be called by a process that has nothing else to do, with all other files closed. It ends the process itself, since what
/// programs do at their exit is not allowed in there: with 0, or with 2 if there is no job to be read.
[[noreturn]] void run_jq_filter(int input, int output);

}  // namespace creel

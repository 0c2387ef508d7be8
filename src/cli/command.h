#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace creel {

/// A command of the program: its flags, already declared, and what it does once they have been read.
struct Command {
  CLI::App* flags;
  /// Returns the exit code: 0 all done, 1 the thing asked for did not come about.
  /// @throws Failure  the message is for the user
  std::function<int()> run;
};

/// Says on standard error that `group` was given no command, or none that there is, and which there are.
/// @param group  parsed, with extras allowed
/// @return  the exit code
int refuse_command(const CLI::App& group);

}  // namespace creel

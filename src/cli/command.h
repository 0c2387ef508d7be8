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

}  // namespace creel

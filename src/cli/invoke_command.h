#pragma once

#include "aws/environment.h"
#include "cli/command.h"

namespace creel {

/// `creel invoke`: calls a function in AWS or in an emulator and prints what it answers. Its exit code is 1 if the
/// function failed or could not be called.
/// @param environment  must outlive the command
Command add_invoke_command(CLI::App& program, const aws::Environment& environment);

}  // namespace creel

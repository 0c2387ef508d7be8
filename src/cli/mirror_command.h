#pragma once

#include "aws/environment.h"
#include "cli/command.h"

namespace creel {

/// `creel mirror`: copies the images of lists into a folder or bucket, once. Its exit code is 1 also when the job was
/// stopped.
/// @param environment  must outlive the command
Command add_mirror_command(CLI::App& program, const aws::Environment& environment);

}  // namespace creel

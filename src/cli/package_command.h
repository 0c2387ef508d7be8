#pragma once

#include "aws/environment.h"
#include "cli/command.h"

namespace creel {

/// `creel package`: makes the zip of a function, and checks that it will run.
Command add_package_command(CLI::App& program, const aws::Environment& environment);

}  // namespace creel

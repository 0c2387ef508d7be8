#pragma once

#include "aws/environment.h"
#include "cli/command.h"

namespace creel {

/// `creel emulate`: AWS Lambda on this machine.
Command add_emulate_command(CLI::App& program, const aws::Environment& environment);

}  // namespace creel

#pragma once

#include "aws/environment.h"
#include "cli/command.h"

namespace creel {

/// `creel source ...`: the sources of a backend that runs.
Command add_source_command(CLI::App& program, const aws::Environment& environment);

}  // namespace creel

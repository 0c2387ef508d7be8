#pragma once

#include "aws/environment.h"
#include "cli/command.h"

namespace creel {

/// `creel serve`: the backend.
Command add_serve_command(CLI::App& program, const aws::Environment& environment);

}  // namespace creel

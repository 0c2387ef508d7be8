#pragma once

#include "aws/environment.h"
#include "cli/command.h"

namespace creel {

/// `creel token`: prints a token for the backend's API.
Command add_token_command(CLI::App& program, const aws::Environment& environment);

}  // namespace creel

#pragma once

#include "aws/environment.h"
#include "cli/command.h"

namespace creel {

/// `creel estimate`: what a job through Lambda takes and costs. It talks to nobody.
/// @param environment  must outlive the command
Command add_estimate_command(CLI::App& program, const aws::Environment& environment);

}  // namespace creel

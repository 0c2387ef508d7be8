#pragma once

#include "aws/environment.h"
#include "cli/command.h"

namespace creel {

/// `creel deploy`: makes the functions in AWS, or in an emulator, what `creel.toml` says.
/// @param environment  must outlive the command
Command add_deploy_command(CLI::App& program, const aws::Environment& environment);

}  // namespace creel

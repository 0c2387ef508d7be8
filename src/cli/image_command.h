#pragma once

#include "aws/environment.h"
#include "cli/command.h"

namespace creel {

/// `creel image ...`: the images of a backend that runs.
Command add_image_command(CLI::App& program, const aws::Environment& environment);

}  // namespace creel

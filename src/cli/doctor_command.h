#pragma once

#include "aws/environment.h"
#include "cli/command.h"

namespace creel {

/// `creel doctor`: looks at everything that a backend of this configuration needs, and says what to do.
Command add_doctor_command(CLI::App& program, const aws::Environment& environment);

}  // namespace creel

#pragma once

#include "aws/environment.h"
#include "cli/mirror_options.h"

namespace creel {

/// Copies the images of lists into a folder or bucket, once.
/// @return  the exit code: 0 all done, 1 some images failed or the job was stopped
/// @throws Failure  the job could not be begun or had to be ended; the message is for the user
int run_mirror(const MirrorOptions& options, const aws::Environment& environment);

}  // namespace creel

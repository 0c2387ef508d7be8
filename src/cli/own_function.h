#pragma once

#include "deploy/function_package.h"

namespace creel {

/// creel's own function, to be packaged: the one that is part of the program; else the file `bootstrap` beside the program,
/// or in lib/creel/ where it is installed.
/// @throws Failure bad_request  there is none
deploy::PackageOptions own_function();

}  // namespace creel

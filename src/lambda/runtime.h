#pragma once

#include <functional>
#include <string>
#include <vector>

#include "creel/lambda.h"
#include "lambda/settings.h"

namespace creel::lambda {

/// Answers events until the process has to end: see `run`.
/// @param end  called instead of returning if a handler still runs on a thread, which cannot be waited for
/// @return the exit code
int serve(const Settings& settings, const std::vector<Function>& functions, const Options& options,
          const std::function<void(int code)>& end);

/// The function that the settings ask for; the only one, if they ask for none.
/// @throws Error  Runtime.NoSuchHandler, with the names that exist
const Function& find_function(const std::vector<Function>& functions, const Settings& settings);

}  // namespace creel::lambda

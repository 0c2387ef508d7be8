#pragma once

#include "base/clock.h"

namespace creel {

/// When the work of one invocation has to end, so that what it has done can still be answered.
struct FunctionTime {
  /// What is under way is stopped.
  SteadyTime stop_at;
  /// What has not ended by then is not waited for.
  SteadyTime answer_at;
};

/// @param deadline  when the service ends the invocation, whatever it does
FunctionTime function_time(SystemTime deadline, const Clock& clock);

}  // namespace creel

#pragma once

#include "base/task.h"
#include "functions/store_request.h"

namespace creel {

/// Runs the function for the backend. Threads: the ingest loop.
class Executor {
 public:
  virtual ~Executor() = default;

  /// Carries out one request. What fails is the outcome, not an exception; when the coroutine is cancelled the
  /// outcome is `cancelled`.
  virtual Task<StoreOutcome> execute(StoreRequest request) = 0;
};

}  // namespace creel

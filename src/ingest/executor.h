#pragma once

#include "base/failure.h"
#include "base/task.h"
#include "functions/store_request.h"

namespace creel {

/// Why an executor can carry out nothing at all, now or later: it is refused, or what it needs is not there. The
/// message is for the user.
class ExecutorUnusable final : public Failure {
 public:
  using Failure::Failure;
};

/// Runs the function for the backend. Threads: the ingest loop.
class Executor {
 public:
  virtual ~Executor() = default;

  /// Carries out one request. What fails is the outcome, not an exception; when the coroutine is cancelled the
  /// outcome is `cancelled`.
  /// @throws ExecutorUnusable  this request was not carried out, and no other will be
  virtual Task<StoreOutcome> execute(StoreRequest request) = 0;
};

}  // namespace creel

#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "base/task.h"

namespace creel::aws {

enum class InvocationType : std::uint8_t {
  /// Waits for the answer.
  request_response,
  /// Queued by the service, which tries again by itself.
  event,
  /// Only checks whether the call would be allowed.
  dry_run,
};

enum class LogTail : std::uint8_t { none, wanted };

/// One call of a function.
struct LambdaInvocation {
  /// Name, partial ARN or ARN.
  std::string function;
  /// Version or alias; empty for $LATEST.
  std::string qualifier{};
  InvocationType type = InvocationType::request_response;
  LogTail log_tail = LogTail::none;
  /// JSON that the function finds in its context; empty for none.
  std::string client_context{};
  /// JSON; at most 6 MiB, as an event 1 MiB.
  std::string payload{};
  /// When the answer must be there.
  SteadyTime deadline = SteadyTime::max();
};

struct LambdaAnswer {
  /// 200, or 202 for an event, 204 for a dry run.
  int status = 0;
  /// What the function answered; if it failed, {"errorType", "errorMessage", "stackTrace"?}.
  std::string payload{};
  /// "Unhandled" or "Handled" if the function failed, else empty.
  std::string function_error{};
  /// The last 4 KiB of the log, if they were asked for.
  std::string log_tail{};
  std::string executed_version{};
  std::string request_id{};
};

/// What calls Lambda functions. Threads: its own event loop.
/// Source: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
class LambdaInvoker {
 public:
  virtual ~LambdaInvoker() = default;

  /// Calls the function, once: nothing is tried again here, but for a signature that the service calls out of date.
  /// A function that fails is an answer, not a failure.
  /// @throws Failure function_throttled (with the time to wait, if the service says it) | bad_auth (no credentials, or
  ///         refused) | not_found (no such function or qualifier) | bad_request (a payload that is too large or no
  ///         JSON) | function_error (the service cannot start the function, or fails itself) | function_timeout (no
  ///         answer before the deadline) | dns | connect | tls | truncated
  virtual Task<LambdaAnswer> invoke(LambdaInvocation invocation) = 0;
};

}  // namespace creel::aws

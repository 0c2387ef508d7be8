#pragma once

#include <string>

#include "base/clock.h"
#include "emulator/event_queue.h"
#include "emulator/faults.h"
#include "emulator/invoker.h"
#include "net/http_server.h"

namespace creel::emulator {

/// What the two ways to invoke functions work with; all of it outlives them.
struct InvokeParts {
  boost::asio::any_io_executor executor;
  Invoker& invoker;
  EventQueue& queue;
  Faults& faults;
  const Clock& clock;
};

/// The part of the service's API that invokes functions. Threads: the emulator's event loop.
/// Source: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html, API_InvokeWithResponseStream.html
class InvokeApi {
 public:
  explicit InvokeApi(InvokeParts parts) : parts_(std::move(parts)) {}

  /// True for the paths that `handle` answers.
  static bool is_for(std::string_view path);

  /// @throws ServiceError
  Task<HttpReply> handle(HttpCall& call, std::string request_id);

 private:
  InvocationOrder order_of(const HttpCall& call, std::string_view name, std::string request_id) const;
  Task<HttpReply> invoke(HttpCall& call, InvocationOrder order);
  Task<HttpReply> invoke_event(HttpCall& call, InvocationOrder order, std::string_view success_body);
  Task<HttpReply> invoke_streaming(HttpCall& call, InvocationOrder order);

  InvokeParts parts_;
};

/// Starts an invocation whose answer is streamed, and waits until the answer begins or the call has ended.
/// @throws ServiceError  it cannot be invoked
Task<std::shared_ptr<AnswerReader>> begin_streaming(InvokeParts parts, InvocationOrder order);

/// The body of a request, which has at most `limit` bytes.
/// @throws ServiceError 413 RequestTooLargeException
Task<std::string> read_payload(HttpCall& call, std::size_t limit, std::string type);

}  // namespace creel::emulator

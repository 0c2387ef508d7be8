#include "emulator/invoke_api.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include "base/base64.h"
#include "base/failure.h"
#include "base/text.h"
#include "emulator/event_stream.h"
#include "emulator/json_check.h"
#include "emulator/service_error.h"

namespace creel::emulator {
namespace {

constexpr std::size_t kMaxClientContextBytes = 3583;

enum class Operation : std::uint8_t { none, invoke, invoke_async, invoke_streaming };

struct Route {
  Operation operation = Operation::none;
  std::string_view name{};
};

Route route_of(std::string_view path) {
  struct Form {
    std::string_view prefix;
    std::string_view suffix;
    Operation operation;
  };
  static constexpr Form kForms[] = {
      {"/2015-03-31/functions/", "/invocations", Operation::invoke},
      {"/2014-11-13/functions/", "/invoke-async", Operation::invoke_async},
      {"/2021-11-15/functions/", "/response-streaming-invocations", Operation::invoke_streaming},
  };
  if (path.ends_with('/')) path.remove_suffix(1);
  for (const auto& form : kForms) {
    if (!path.starts_with(form.prefix) || !path.ends_with(form.suffix)) continue;
    if (path.size() <= form.prefix.size() + form.suffix.size()) continue;
    const auto name = path.substr(form.prefix.size(), path.size() - form.prefix.size() - form.suffix.size());
    if (name.find('/') == std::string_view::npos) return {form.operation, name};
  }
  return {};
}

/// An empty payload is an empty event.
void check_payload(std::string& payload) {
  if (payload.empty()) payload = "{}";
  if (const auto fault = json_fault(payload)) {
    throw ServiceError(
        400, "InvalidRequestContentException",
        fmt::format("Could not parse request body into json: Could not parse payload into json: {}", *fault));
  }
}

std::string decoded_client_context(std::string_view header) {
  if (header.empty()) return {};
  auto decoded = header.size() > kMaxClientContextBytes ? std::nullopt : base64_decode(header);
  if (!decoded || json_fault(*decoded)) {
    throw ServiceError(400, "InvalidRequestContentException",
                       "Client context must be a valid Base64-encoded JSON object.");
  }
  return std::move(*decoded);
}

HttpReply result_reply(InvocationResult result, bool wants_log) {
  HttpReply reply{
      .headers = {{"Content-Type", "application/json"}, {"X-Amz-Executed-Version", result.executed_version}}};
  if (!result.function_error.empty()) reply.headers.add("X-Amz-Function-Error", result.function_error);
  if (wants_log) reply.headers.add("X-Amz-Log-Result", base64_encode(result.log_tail));
  reply.body = std::move(result.payload);
  return reply;
}

Task<void> run_streamed(Invoker& invoker, InvocationOrder order, std::shared_ptr<AnswerStream> stream) {
  stream->end(co_await invoker.invoke(std::move(order), stream));
}

/// Half of an answer.
constexpr std::size_t half(std::size_t bytes) {
  return bytes / 2;
}

/// The pieces of a streamed answer as an event stream, and how it ended.
Task<void> write_events(std::shared_ptr<AnswerReader> reader, bool wants_log, HttpBodyWriter& writer) {
  auto& answer = *reader;
  for (auto piece = co_await answer->read(); piece; piece = co_await answer->read()) {
    const auto message = payload_chunk(*piece);
    co_await writer.write(message);
  }
  const auto& result = answer->result();
  const auto end = invoke_complete(result.function_error, result.function_error.empty() ? "" : result.payload,
                                   wants_log ? base64_encode(result.log_tail) : "");
  co_await writer.write(end);
}

}  // namespace

Task<std::string> read_payload(HttpCall& call, std::size_t limit, std::string type) {
  bool is_too_large = false;
  std::string payload;
  try {
    payload = co_await call.read_body(limit);
  } catch (const Failure& failure) {
    if (failure.kind() != FailureKind::too_large) throw;
    is_too_large = true;
  }
  if (is_too_large) {
    const auto length = call.header("Content-Length");
    throw ServiceError(413, "RequestTooLargeException",
                       fmt::format("{} byte payload is too large for the {} invocation type (limit {} bytes)",
                                   length.empty() ? fmt::format("over {}", limit) : std::string(length), type, limit));
  }
  co_return payload;
}

Task<std::shared_ptr<AnswerReader>> begin_streaming(InvokeParts parts, InvocationOrder order) {
  order.mode = AnswerMode::streamed;
  const auto stream = std::make_shared<AnswerStream>(parts.executor);
  const auto reader = std::make_shared<AnswerReader>(stream);
  const auto refusal = std::make_shared<std::exception_ptr>();
  boost::asio::co_spawn(
      parts.executor, run_streamed(parts.invoker, std::move(order), stream),
      [stream, refusal](const std::exception_ptr& failure) {
        if (!failure) return;
        *refusal = failure;
        stream->end({.payload = "{}", .function_error = "Unhandled", .error_type = "ServiceException"});
      });
  co_await stream->wait_for_begin();
  if (*refusal) std::rethrow_exception(*refusal);
  co_return reader;
}

bool InvokeApi::is_for(std::string_view path) {
  return route_of(path).operation != Operation::none;
}

InvocationOrder InvokeApi::order_of(const HttpCall& call, std::string_view name, std::string request_id) const {
  InvocationOrder order{.function = parse_function_reference(percent_decode(name)),
                        .qualifier = call.parameter("Qualifier"),
                        .request_id = std::move(request_id),
                        .trace_id = trace_id(call.header("X-Amzn-Trace-Id"), parts_.clock.now()),
                        .client_context = decoded_client_context(call.header("X-Amz-Client-Context")),
                        .tenant_id = std::string(call.header("X-Amz-Tenant-Id"))};
  try {
    order.faults = parts_.faults.next(call.header("X-Creel-Fault"));
  } catch (const Failure& failure) {
    throw ServiceError(400, "InvalidParameterValueException", failure.what());
  }
  return order;
}

Task<HttpReply> InvokeApi::handle(HttpCall& call, std::string request_id) {
  const auto route = route_of(call.path());
  if (call.method() != "POST") throw ServiceError(405, "MethodNotAllowedException", "Only POST invokes a function");
  auto order = order_of(call, route.name, std::move(request_id));
  switch (route.operation) {
    case Operation::invoke_async: co_return co_await invoke_event(call, std::move(order), "{\"Status\":202}");
    case Operation::invoke_streaming: co_return co_await invoke_streaming(call, std::move(order));
    default: co_return co_await invoke(call, std::move(order));
  }
}

Task<HttpReply> InvokeApi::invoke(HttpCall& call, InvocationOrder order) {
  const auto type = call.header("X-Amz-Invocation-Type");
  if (type == "Event") co_return co_await invoke_event(call, std::move(order), "");
  if (!type.empty() && type != "RequestResponse" && type != "DryRun") {
    throw ServiceError(400, "InvalidParameterValueException", fmt::format("Unknown invocation type: {}", type));
  }
  // Before the payload is read: what is unknown is said to be unknown, however large the payload.
  parts_.invoker.check(order.function, order.qualifier);
  order.payload = co_await read_payload(call, kMaxPayloadBytes, "RequestResponse");
  if (type == "DryRun") co_return HttpReply{.status = 204};
  check_payload(order.payload);
  const auto trace = order.trace_id;
  const bool is_cut = order.faults.kill_response;
  const bool wants_log = call.header("X-Amz-Log-Type") == "Tail";
  auto result = co_await parts_.invoker.invoke(std::move(order));
  auto reply = result_reply(std::move(result), wants_log);
  reply.headers.add("X-Amzn-Trace-Id", trace);
  if (is_cut) reply.cut_after_bytes = half(reply.body.size());
  co_return reply;
}

Task<HttpReply> InvokeApi::invoke_event(HttpCall& call, InvocationOrder order, std::string_view success_body) {
  parts_.invoker.check(order.function, order.qualifier);
  order.payload = co_await read_payload(call, kMaxEventBytes, "Event");
  check_payload(order.payload);
  // The service tells the context to synchronous calls alone.
  order.client_context.clear();
  HttpReply reply{.status = 202, .headers = {{"X-Amzn-Trace-Id", order.trace_id}}, .body = std::string(success_body)};
  parts_.queue.add(std::move(order));
  co_return reply;
}

Task<HttpReply> InvokeApi::invoke_streaming(HttpCall& call, InvocationOrder order) {
  parts_.invoker.check(order.function, order.qualifier);
  order.payload = co_await read_payload(call, kMaxPayloadBytes, "RequestResponse");
  if (call.header("X-Amz-Invocation-Type") == "DryRun") co_return HttpReply{.status = 204};
  check_payload(order.payload);
  const bool wants_log = call.header("X-Amz-Log-Type") == "Tail";
  HttpReply reply{
      .headers = {{"Content-Type", "application/vnd.amazon.eventstream"}, {"X-Amzn-Trace-Id", order.trace_id}}};
  if (order.faults.kill_response) reply.cut_after_bytes = 1;
  const auto target = parts_.invoker.registry().resolve(order.function, order.qualifier, 0);
  reply.headers.add("X-Amz-Executed-Version", target.version->version);
  const auto reader = co_await begin_streaming(parts_, std::move(order));
  reply.stream = [reader, wants_log](HttpBodyWriter& writer) { return write_events(reader, wants_log, writer); };
  co_return reply;
}

}  // namespace creel::emulator

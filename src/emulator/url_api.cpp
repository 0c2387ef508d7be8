#include "emulator/url_api.h"

#include "base/failure.h"
#include "emulator/service_error.h"

namespace creel::emulator {
namespace {

constexpr std::string_view kWithPrelude = "application/vnd.awslambda.http-integration-response";

HttpReply plain(int status, std::string body) {
  return {.status = status, .headers = {{"Content-Type", "application/json"}}, .body = std::move(body)};
}

HttpReply function_failed() {
  return plain(502, "Internal Server Error");
}

/// Where a function's address leads, if it has one.
struct Found {
  const FunctionUrlConfig* config = nullptr;
  std::string qualifier{};
};

/// NAME, or ALIAS-NAME in the form "NAME:ALIAS".
Found find_url(FunctionRegistry& registry, const FunctionReference& reference) {
  const auto* function = registry.find(reference.name);
  if (function == nullptr) return {};
  const auto found = function->urls.find(reference.qualifier);
  if (found == function->urls.end()) return {};
  return {.config = &found->second, .qualifier = reference.qualifier};
}

Task<void> write_rest(std::shared_ptr<AnswerReader> reader, std::string first, HttpBodyWriter& writer) {
  auto& answer = *reader;
  co_await writer.write(first);
  for (auto piece = co_await answer->read(); piece; piece = co_await answer->read()) co_await writer.write(*piece);
  // The headers have gone, so that cutting the connection is all that is left to say it.
  if (!answer->result().function_error.empty()) throw Failure(FailureKind::function_error, "the function failed");
}

}  // namespace

Task<HttpReply> UrlApi::handle(HttpCall& call, UrlTarget target, std::string request_id) {
  FunctionReference reference;
  bool is_name = true;
  try {
    reference = parse_function_reference(target.function);
  } catch (const ServiceError&) {
    is_name = false;
  }
  const auto found = is_name ? find_url(parts_.invoker.registry(), reference) : Found{};
  if (found.config == nullptr) co_return plain(403, "{\"Message\":null}");
  const bool is_streamed = found.config->invoke_mode == "RESPONSE_STREAM";
  InvocationOrder order{.function = reference,
                        .request_id = request_id,
                        .trace_id = trace_id(call.header("X-Amzn-Trace-Id"), parts_.clock.now())};
  order.faults = parts_.faults.next(call.header("X-Creel-Fault"));
  const auto host = call.header("Host");
  UrlRequest request{.method = std::string(call.method()),
                     .path = std::move(target.path),
                     .query = std::string(call.query()),
                     .headers = call.headers(),
                     .domain = std::string(host.substr(0, host.find(':'))),
                     .request_id = request_id,
                     .time = parts_.clock.now()};
  request.body = co_await read_payload(call, kMaxPayloadBytes, "RequestResponse");
  order.payload = url_event(request);
  if (is_streamed) co_return co_await stream(std::move(order));
  const bool is_cut = order.faults.kill_response;
  const auto result = co_await parts_.invoker.invoke(std::move(order));
  if (!result.function_error.empty()) co_return function_failed();
  auto reply = url_reply(result.payload);
  if (is_cut) reply.cut_after_bytes = reply.body.size() / 2;
  co_return reply;
}

Task<HttpReply> UrlApi::stream(InvocationOrder order) {
  const bool is_cut = order.faults.kill_response;
  const auto reader = co_await begin_streaming(parts_, std::move(order));
  auto& answer = *reader;
  if (!answer->has_begun()) {
    if (!answer->result().function_error.empty()) co_return function_failed();
    co_return url_reply(answer->result().payload);
  }
  HttpReply reply;
  std::string first;
  if (answer->content_type() == kWithPrelude) {
    auto prelude = parse_url_prelude(first);
    while (prelude.bytes == 0) {
      const auto piece = co_await answer->read();
      if (!piece) co_return function_failed();
      first += *piece;
      prelude = parse_url_prelude(first);
    }
    if (!prelude.is_valid) co_return function_failed();
    reply = std::move(prelude.reply);
    first.erase(0, prelude.bytes);
  } else {
    reply.headers.add("Content-Type",
                      answer->content_type().empty() ? "application/octet-stream" : answer->content_type());
  }
  if (is_cut) reply.cut_after_bytes = 1;
  reply.stream = [reader, first](HttpBodyWriter& writer) { return write_rest(reader, first, writer); };
  co_return reply;
}

}  // namespace creel::emulator

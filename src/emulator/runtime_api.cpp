#include "emulator/runtime_api.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "base/base64.h"
#include "base/failure.h"
#include "emulator/service_error.h"
#include "emulator/uuid.h"

namespace creel::emulator {
namespace json = boost::json;
namespace {

constexpr std::string_view kRuntimePrefix = "/2018-06-01/runtime/";
constexpr std::string_view kExtensionPrefix = "/2020-01-01/extension/";
constexpr std::string_view kErrorWithCause = "application/vnd.aws.lambda.error.cause+json";
/// The process may be frozen and its requests wait for hours.
constexpr auto kNoTimeout = std::chrono::hours(24 * 365);

HttpReply error_reply(int status, std::string_view type, std::string_view message) {
  return json_reply(status, json::serialize(json::object{{"errorMessage", message}, {"errorType", type}}));
}

Task<HttpReply> simply(HttpReply reply) {
  co_return reply;
}

HttpReply accepted() {
  return json_reply(202, "{\"status\":\"OK\"}\n");
}

std::int64_t epoch_milliseconds(SystemTime time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

HttpReply event_reply(const ActiveInvocation& active) {
  const auto& invocation = *active.invocation;
  HttpReply reply{.headers = {{"Content-Type", "application/json"}}, .body = invocation.payload};
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) reply.headers.add(name, value);
  };
  add("Lambda-Runtime-Aws-Request-Id", invocation.request_id);
  add("Lambda-Runtime-Invocation-Id", invocation.invocation_id);
  add("Lambda-Runtime-Deadline-Ms", std::to_string(epoch_milliseconds(active.deadline)));
  add("Lambda-Runtime-Invoked-Function-Arn", invocation.invoked_arn);
  add("Lambda-Runtime-Trace-Id", invocation.trace_id);
  add("Lambda-Runtime-Client-Context", invocation.client_context);
  add("Lambda-Runtime-Cognito-Identity", invocation.cognito_identity);
  add("Lambda-Runtime-Aws-Tenant-Id", invocation.tenant_id);
  return reply;
}

/// A body as it is, or the error in one that carries its cause for X-Ray as well.
std::string error_body(std::string_view content_type, std::string body) {
  if (content_type != kErrorWithCause) return body;
  boost::system::error_code error;
  const auto value = json::parse(body, error);
  if (error || !value.is_object()) return "\"Invalid error body\"";
  json::object kept;
  for (const auto* name : {"errorMessage", "errorType", "stackTrace"}) {
    if (const auto* member = value.as_object().if_contains(name)) kept[name] = *member;
  }
  return json::serialize(kept);
}

void fail(ActiveInvocation& active, std::string_view type, std::string_view message) {
  active.result.payload = json::serialize(json::object{{"errorMessage", message}, {"errorType", type}});
  active.result.content_type = "application/json";
  active.result.function_error = "Unhandled";
  active.result.error_type = type;
}

std::string too_large_message(std::size_t limit) {
  return fmt::format("Response payload size exceeded maximum allowed payload size ({} bytes).", limit);
}

/// The error that a streaming function states after its body.
void apply_trailers(const HttpHeaders& trailers, ActiveInvocation& active) {
  const auto type = trailers.find("Lambda-Runtime-Function-Error-Type");
  if (!type) return;
  const auto body = base64_decode(trailers.find("Lambda-Runtime-Function-Error-Body").value_or(""));
  active.result.function_error = "Unhandled";
  active.result.error_type = *type;
  active.result.payload = body ? *body : std::string();
}

}  // namespace

RuntimeApi::RuntimeApi(const boost::asio::any_io_executor& executor, RuntimeApiOptions options,
                       RuntimeListener& listener)
    : executor_(executor),
      options_(std::move(options)),
      listener_(listener),
      server_(executor, [this](HttpCall& call) { return handle(call); },
              {.transfer_timeout = kNoTimeout, .idle_timeout = kNoTimeout}) {
  server_.listen("127.0.0.1", 0);
}

std::string RuntimeApi::address() const {
  return fmt::format("127.0.0.1:{}", server_.port());
}

void RuntimeApi::give(std::shared_ptr<ActiveInvocation> active) {
  active_[active->invocation->request_id] = active;
  active->state = RuntimeState::running;
  if (options_.max_concurrency == 1 && state_ == RuntimeState::ready) state_ = RuntimeState::running;
  tell_extensions(*active);
  if (waiters_.empty()) {
    pending_.push_back(std::move(active));
    return;
  }
  // The last that came: one before it may be a connection that the process has given up.
  const auto waiter = waiters_.back();
  waiters_.pop_back();
  waiter->given = std::move(active);
  waiter->wakeup->notify();
}

Task<void> RuntimeApi::stop() {
  return server_.stop(std::chrono::steady_clock::now());
}

Task<HttpReply> RuntimeApi::handle(HttpCall& call) {
  auto path = call.path();
  if (path.starts_with(kRuntimePrefix)) {
    path.remove_prefix(kRuntimePrefix.size());
    if (call.method() == "GET" && path == "invocation/next") return next();
    if (call.method() == "POST" && path == "init/error") return init_error(call);
    if (call.method() == "POST" && path.starts_with("invocation/")) {
      path.remove_prefix(std::string_view("invocation/").size());
      const auto slash = path.find('/');
      const auto id = std::string(path.substr(0, slash));
      const auto what = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
      if (what == "response") return answer(call, id, RuntimeAction::response);
      if (what == "error") return answer(call, id, RuntimeAction::error);
    }
  } else if (path.starts_with(kExtensionPrefix)) {
    path.remove_prefix(kExtensionPrefix.size());
    if (call.method() == "POST" && path == "register") return register_extension(call);
    if (call.method() == "GET" && path == "event/next") return extension_next(call);
  }
  if (path == "/2018-06-01/ping") return simply({.body = "pong"});
  if (call.path() == "/2022-07-01/telemetry" || call.path() == "/2020-08-15/logs") {
    return simply(error_reply(202, "Telemetry.NotSupported", "Telemetry API is not supported"));
  }
  return simply({.status = 404, .headers = {{"Content-Type", "text/plain"}}, .body = "404 page not found\n"});
}

Task<HttpReply> RuntimeApi::next() {
  if (options_.max_concurrency == 1) {
    const auto state = after(state_, RuntimeAction::next);
    if (!state) co_return error_reply(403, "InvalidStateTransition", transition_message(state_, RuntimeAction::next));
    if (state_ == RuntimeState::running && pending_.empty() && !active_.empty()) {
      co_return event_reply(*active_.begin()->second);
    }
    state_ = *state;
  } else {
    if (state_ == RuntimeState::init_error) {
      co_return error_reply(403, "InvalidStateTransition", transition_message(state_, RuntimeAction::next));
    }
    if (waiters_.size() + active_.size() >= options_.max_concurrency && pending_.empty()) {
      co_return error_reply(400, "Runtime.TooManyIdleRuntimes", "Too many runtimes wait for an invocation");
    }
    state_ = RuntimeState::ready;
  }
  listener_.on_next();
  if (!pending_.empty()) {
    const auto active = pending_.front();
    pending_.erase(pending_.begin());
    if (options_.max_concurrency == 1) state_ = RuntimeState::running;
    co_return event_reply(*active);
  }
  const auto waiter = std::make_shared<Waiter>();
  waiter->wakeup = std::make_shared<Wakeup>(executor_);
  waiters_.push_back(waiter);
  co_await waiter->wakeup->wait();
  co_return event_reply(*waiter->given);
}

Task<HttpReply> RuntimeApi::answer(HttpCall& call, std::string request_id, RuntimeAction action) {
  const auto found = active_.find(request_id);
  const auto active = found == active_.end() ? nullptr : found->second;
  if (options_.max_concurrency == 1 && !after(state_, action)) {
    co_return error_reply(403, "InvalidStateTransition", transition_message(state_, action));
  }
  const auto invocation_id = call.header("Lambda-Runtime-Invocation-Id");
  if (!active || (!invocation_id.empty() && invocation_id != active->invocation->invocation_id)) {
    co_return error_reply(400, "InvalidRequestID", "Invalid request ID");
  }
  auto& state = state_of(*active);
  const auto state_after = after(state, action);
  if (!state_after) co_return error_reply(403, "InvalidStateTransition", transition_message(state, action));
  state = *state_after;
  if (action == RuntimeAction::error) co_return co_await take_error(call, active);
  co_return co_await take_response(call, active);
}

Task<HttpReply> RuntimeApi::take_response(HttpCall& call, std::shared_ptr<ActiveInvocation> active) {
  const auto mode = call.header("Lambda-Runtime-Function-Response-Mode");
  if (!mode.empty() && mode != "streaming") {
    fail(*active, "Runtime.InvalidResponseModeHeader", "Invalid function response mode");
    finish(active);
    co_return error_reply(400, "InvalidFunctionResponseMode", "Invalid function response mode");
  }
  active->result.content_type = call.header("Content-Type");
  HttpReply reply = accepted();
  try {
    co_await read_answer(call, *active);
  } catch (const Failure& failure) {
    if (failure.kind() == FailureKind::too_large) {
      const auto limit = active->stream ? kMaxStreamedBytes : kMaxPayloadBytes;
      fail(*active, "Function.ResponseSizeTooLarge", too_large_message(limit));
      reply = error_reply(413, "RequestEntityTooLarge",
                          fmt::format("Exceeded maximum allowed payload size ({} bytes).", limit));
    } else {
      active->is_truncated = true;
      fail(*active, "Runtime.TruncatedResponse", "The function's response ended early");
      reply = error_reply(400, "TruncatedHTTPRequest", "HTTP request detected as truncated");
    }
  }
  finish(active);
  co_return reply;
}

Task<void> RuntimeApi::read_answer(HttpCall& call, ActiveInvocation& active) {
  if (!active.stream) {
    active.result.payload = co_await call.read_body(kMaxPayloadBytes);
    apply_trailers(call.trailers(), active);
    co_return;
  }
  const auto stream = active.stream;
  stream->begin(active.result.content_type);
  std::size_t bytes = 0;
  for (auto piece = co_await call.read_some(); !piece.empty(); piece = co_await call.read_some()) {
    bytes += piece.size();
    if (bytes > kMaxStreamedBytes) throw Failure(FailureKind::too_large, "the answer is too large");
    co_await stream->write(std::move(piece));
  }
  apply_trailers(call.trailers(), active);
}

Task<HttpReply> RuntimeApi::take_error(HttpCall& call, std::shared_ptr<ActiveInvocation> active) {
  HttpReply reply = accepted();
  active->result.function_error = "Unhandled";
  active->result.error_type = valid_error_type(call.header("Lambda-Runtime-Function-Error-Type"));
  try {
    auto body = co_await call.read_body(kMaxPayloadBytes);
    active->result.payload = error_body(call.header("Content-Type"), std::move(body));
    active->result.content_type = "application/json";
  } catch (const Failure&) {
    fail(*active, "Function.ResponseSizeTooLarge", too_large_message(kMaxPayloadBytes));
    reply = error_reply(413, "RequestEntityTooLarge",
                        fmt::format("Exceeded maximum allowed payload size ({} bytes).", kMaxPayloadBytes));
  }
  finish(active);
  co_return reply;
}

void RuntimeApi::finish(const std::shared_ptr<ActiveInvocation>& active) {
  state_of(*active) = RuntimeState::response_sent;
  active->is_answered = !active->is_truncated;
  active_.erase(active->invocation->request_id);
  listener_.on_answered(*active);
}

Task<HttpReply> RuntimeApi::init_error(HttpCall& call) {
  auto body = co_await call.read_body(kMaxPayloadBytes);
  const auto state = after(state_, RuntimeAction::init_error);
  if (!state)
    co_return error_reply(403, "InvalidStateTransition", transition_message(state_, RuntimeAction::init_error));
  state_ = *state;
  listener_.on_init_error(
      {.type = valid_error_type(call.header("Lambda-Runtime-Function-Error-Type")), .body = std::move(body)});
  co_return accepted();
}

Task<HttpReply> RuntimeApi::register_extension(HttpCall& call) {
  const auto name = std::string(call.header("Lambda-Extension-Name"));
  if (name.empty()) co_return error_reply(403, "Extension.InvalidExtensionName", "Empty extension name");
  const auto body = co_await call.read_body(kMaxPayloadBytes);
  boost::system::error_code error;
  const auto value = json::parse(body, error);
  if (error || !value.is_object()) co_return error_reply(403, "InvalidRequestFormat", "The body is no JSON object");
  if (state_ != RuntimeState::started) {
    co_return error_reply(403, "Extension.RegistrationClosed", "Extension registration closed already");
  }
  Extension extension{.name = name, .wakeup = std::make_shared<Wakeup>(executor_)};
  if (const auto* events = value.as_object().if_contains("events"); events != nullptr && events->is_array()) {
    for (const auto& event : events->as_array()) {
      const auto text = event.is_string() ? std::string_view(event.as_string()) : std::string_view();
      extension.wants_invoke |= text == "INVOKE";
      extension.wants_shutdown |= text == "SHUTDOWN";
      if (text != "INVOKE" && text != "SHUTDOWN") {
        co_return error_reply(403, "Extension.InvalidEventType", fmt::format("{}: unknown event", text));
      }
    }
  }
  const auto id = new_uuid();
  extensions_.emplace(id, std::move(extension));
  auto reply = json_reply(200, json::serialize(json::object{{"functionName", options_.function_name},
                                                            {"functionVersion", options_.function_version},
                                                            {"handler", options_.handler}}));
  reply.headers.add("Lambda-Extension-Identifier", id);
  co_return reply;
}

Task<HttpReply> RuntimeApi::extension_next(HttpCall& call) {
  const auto id = call.header("Lambda-Extension-Identifier");
  if (id.empty()) {
    co_return error_reply(403, "Extension.MissingExtensionIdentifier", "Missing Lambda-Extension-Identifier header");
  }
  const auto found = extensions_.find(id);
  if (found == extensions_.end()) {
    co_return error_reply(403, "Extension.UnknownExtensionIdentifier", fmt::format("Unknown extension {}", id));
  }
  auto& extension = found->second;
  while (extension.events.empty()) co_await extension.wakeup->wait();
  auto reply = json_reply(200, std::move(extension.events.front()));
  extension.events.erase(extension.events.begin());
  reply.headers.add("Lambda-Extension-Event-Identifier", new_uuid());
  co_return reply;
}

void RuntimeApi::tell_extensions(const ActiveInvocation& active) {
  for (auto& [id, extension] : extensions_) {
    if (!extension.wants_invoke) continue;
    const auto& invocation = *active.invocation;
    extension.events.push_back(json::serialize(
        json::object{{"eventType", "INVOKE"},
                     {"deadlineMs", epoch_milliseconds(active.deadline)},
                     {"requestId", invocation.request_id},
                     {"invokedFunctionArn", invocation.invoked_arn},
                     {"tracing", json::object{{"type", "X-Amzn-Trace-Id"}, {"value", invocation.trace_id}}}}));
    extension.wakeup->notify();
  }
}

void RuntimeApi::announce_shutdown(std::string_view reason, SystemTime deadline) {
  for (auto& [id, extension] : extensions_) {
    if (!extension.wants_shutdown) continue;
    extension.events.push_back(json::serialize(json::object{
        {"eventType", "SHUTDOWN"}, {"shutdownReason", reason}, {"deadlineMs", epoch_milliseconds(deadline)}}));
    extension.wakeup->notify();
  }
}

}  // namespace creel::emulator

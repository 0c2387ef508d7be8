#include "lambda/runtime_api.h"

#include <chrono>
#include <unistd.h>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/parse.hpp>
#include <boost/system/system_error.hpp>

#include "lambda/log.h"
#include "lambda/text.h"

namespace creel::lambda {

namespace asio = boost::asio;

namespace {

constexpr std::string_view kVersionPath = "/2018-06-01/runtime/";
constexpr std::string_view kExtensionPath = "/2020-01-01/extension/";

// Null if there is none, or if it cannot be read: that is the caller's doing, and not worth an error here.
json::value parse_header(const ApiReply& reply, std::string_view name) {
  const auto text = header(reply, name);
  if (text.empty()) return nullptr;
  json::error_code error;
  auto value = json::parse(text, error);
  return error ? json::value() : value;
}

std::string text_at(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

// None if it is not said, or is beyond what the clock can show.
std::chrono::system_clock::time_point read_deadline(const ApiReply& reply) {
  using std::chrono::milliseconds;
  constexpr auto kNone = std::chrono::system_clock::time_point::max();
  constexpr auto kLast = std::chrono::floor<milliseconds>(kNone.time_since_epoch());
  const milliseconds deadline(number_or<std::int64_t>(header(reply, "Lambda-Runtime-Deadline-Ms"), 0));
  return deadline.count() > 0 && deadline <= kLast ? std::chrono::system_clock::time_point(deadline) : kNone;
}

std::optional<CognitoIdentity> read_identity(const ApiReply& reply) {
  const auto value = parse_header(reply, "Lambda-Runtime-Cognito-Identity");
  const auto* object = value.if_object();
  if (!object) return std::nullopt;
  return CognitoIdentity{text_at(*object, "cognitoIdentityId"), text_at(*object, "cognitoIdentityPoolId")};
}

// The error type and message out of the Runtime API's own answer; never what was sent to it.
std::string reason_of(const ApiReply& reply) {
  json::error_code error;
  const auto value = json::parse(reply.body(), error);
  const auto* object = error ? nullptr : value.if_object();
  if (!object) return concat({"status ", std::to_string(reply.result_int())});
  return concat({"status ", std::to_string(reply.result_int()), ", ", text_at(*object, "errorType"), ": ",
                 text_at(*object, "errorMessage")});
}

}  // namespace

Invocation read_invocation(const ApiReply& reply) {
  return {
      .request_id = header(reply, "Lambda-Runtime-Aws-Request-Id"),
      .invocation_id = header(reply, "Lambda-Runtime-Invocation-Id"),
      .function_arn = header(reply, "Lambda-Runtime-Invoked-Function-Arn"),
      .deadline = read_deadline(reply),
      .trace_id = header(reply, "Lambda-Runtime-Trace-Id"),
      .client_context = parse_header(reply, "Lambda-Runtime-Client-Context"),
      .cognito_identity = read_identity(reply),
      .tenant_id = header(reply, "Lambda-Runtime-Aws-Tenant-Id"),
  };
}

std::vector<std::pair<std::string_view, std::string>> answer_headers(const Invocation& invocation) {
  std::vector<std::pair<std::string_view, std::string>> headers;
  if (!invocation.invocation_id.empty()) headers.emplace_back("Lambda-Runtime-Invocation-Id", invocation.invocation_id);
  return headers;
}

std::string answer_path(const Invocation& invocation, std::string_view what) {
  return concat({kVersionPath, "invocation/", invocation.request_id, "/", what});
}

RuntimeApi::RuntimeApi(asio::any_io_executor executor, const Settings& settings)
    : settings_(settings),
      executor_(executor),
      connection_(executor, settings.api),
      random_(static_cast<unsigned>(std::chrono::steady_clock::now().time_since_epoch().count() ^ ::getpid())) {}

Task<Event> RuntimeApi::next() {
  std::string why;
  for (int failures = 0;;) {
    ApiRequest request{.method = "GET", .path = concat({kVersionPath, "invocation/next"}), .headers = {}, .body = {}};
    auto reply = co_await try_once(std::move(request), why);
    const auto status = reply ? reply->result_int() : 0;
    if (status == 200) {
      Event event{.invocation = read_invocation(*reply), .body = std::move(reply->body())};
      co_return event;
    }
    if (status == 500) throw CannotGoOn(concat({"the Runtime API cannot go on: ", reason_of(*reply)}));
    // Some emulators have no event yet, and say so at once instead of waiting.
    if (status == 204) {
      co_await back_off(1);
      continue;
    }
    if (reply) why = reason_of(*reply);
    if (++failures >= settings_.next_tries) throw CannotGoOn(concat({"no event can be had: ", why}));
    log(LogLevel::warn, concat({"asking for the next event failed, trying again: ", why}));
    co_await back_off(failures);
  }
}

Task<void> RuntimeApi::respond(const Invocation& invocation, std::string body) {
  if (body.size() > kMaxAnswerBytes) {
    co_await fail(invocation, answer_too_large());
    co_return;
  }
  auto headers = answer_headers(invocation);
  headers.emplace_back("Content-Type", "application/json");
  const auto verdict =
      co_await post(answer_path(invocation, "response"), std::move(headers), body, invocation.request_id);
  if (verdict == Verdict::too_large) co_await fail(invocation, answer_too_large());
}

Task<void> RuntimeApi::fail(const Invocation& invocation, ErrorReport report) {
  auto headers = answer_headers(invocation);
  headers.emplace_back("Content-Type", "application/json");
  headers.emplace_back("Lambda-Runtime-Function-Error-Type", service_type(report.type));
  const auto body = to_json(report);
  co_await post(answer_path(invocation, "error"), std::move(headers), body, invocation.request_id);
}

Task<void> RuntimeApi::fail_init(ErrorReport report) {
  std::vector<std::pair<std::string_view, std::string>> headers;
  headers.emplace_back("Content-Type", "application/json");
  headers.emplace_back("Lambda-Runtime-Function-Error-Type", service_type(report.type));
  const auto body = to_json(report);
  try {
    co_await post(concat({kVersionPath, "init/error"}), std::move(headers), body, "");
  } catch (const CannotGoOn& error) {
    log(LogLevel::warn, error.what());
  }
}

Task<std::optional<std::string>> RuntimeApi::register_extension() {
  std::string why;
  ApiRequest request{
      .method = "POST", .path = concat({kExtensionPath, "register"}), .headers = {}, .body = R"({"events":[]})"};
  request.headers.emplace_back("Lambda-Extension-Name", "creel-shutdown");
  request.headers.emplace_back("Content-Type", "application/json");
  auto reply = co_await try_once(std::move(request), why);
  if (reply && reply->result_int() == 200) co_return header(*reply, "Lambda-Extension-Identifier");
  if (reply) why = reason_of(*reply);
  log(LogLevel::warn, concat({"no word will come before the shutdown, since the extension for it was refused: ", why}));
  co_return std::nullopt;
}

Task<void> RuntimeApi::hold_extension(std::string identifier) {
  std::string why;
  ApiRequest request{.method = "GET", .path = concat({kExtensionPath, "event/next"}), .headers = {}, .body = {}};
  request.headers.emplace_back("Lambda-Extension-Identifier", std::move(identifier));
  co_await try_once(std::move(request), why);
}

RuntimeApi::Verdict RuntimeApi::judge(const ApiReply& reply, const std::string& request_id) {
  const auto status = reply.result_int();
  if (status >= 200 && status < 300) return Verdict::accepted;
  if (status == 500) throw CannotGoOn(concat({"the Runtime API cannot go on: ", reason_of(reply)}));
  if (status == 413) return Verdict::too_large;
  if (status > 500 || status == 408 || status == 429) return Verdict::try_again;
  log(LogLevel::warn, concat({"the Runtime API refused the answer to ", request_id.empty() ? "the start" : request_id,
                              ": ", reason_of(reply)}));
  return Verdict::refused;
}

Task<RuntimeApi::Verdict> RuntimeApi::post(std::string path,
                                           std::vector<std::pair<std::string_view, std::string>> headers,
                                           const std::string& body, const std::string& request_id) {
  std::string why;
  for (int failures = 0;;) {
    ApiRequest request{.method = "POST", .path = path, .headers = headers, .body = body};
    auto reply = co_await try_once(std::move(request), why);
    const auto verdict = reply ? judge(*reply, request_id) : Verdict::try_again;
    if (verdict != Verdict::try_again) co_return verdict;
    if (reply) why = reason_of(*reply);
    if (++failures >= settings_.post_tries) {
      log(LogLevel::error, concat({"the answer to ", request_id, " could not be sent: ", why}));
      co_return Verdict::refused;
    }
    co_await back_off(failures);
  }
}

// @return nothing if no reply came; `why` says what happened then
Task<std::optional<ApiReply>> RuntimeApi::try_once(ApiRequest request, std::string& why) {
  try {
    co_return co_await connection_.exchange(std::move(request));
  } catch (const boost::system::system_error& error) {
    why = error.code().message();
  }
  co_return std::nullopt;
}

Task<void> RuntimeApi::back_off(int failures) {
  const auto random = static_cast<double>(random_() - std::minstd_rand::min()) /
                      static_cast<double>(std::minstd_rand::max() - std::minstd_rand::min());
  asio::steady_timer timer(executor_, settings_.backoff.wait(failures, random));
  co_await timer.async_wait(asio::use_awaitable);
}

}  // namespace creel::lambda

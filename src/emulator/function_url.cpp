#include "emulator/function_url.h"

#include <algorithm>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/chrono.h>
#include <fmt/format.h>

#include "base/base64.h"
#include "base/text.h"

namespace creel::emulator {
namespace json = boost::json;
namespace {

constexpr std::string_view kHostMark = ".lambda-url.";
constexpr std::string_view kPathPrefix = "/lambda-url/";
constexpr std::string_view kEndOfPrelude("\0\0\0\0\0\0\0\0", 8);
constexpr std::size_t kMaxPreludeBytes = 1UL << 20;

/// Adds a value to those of a name, with a comma between them.
void join(json::object& object, std::string_view name, std::string_view value) {
  auto* found = object.if_contains(name);
  if (found == nullptr) {
    object[name] = value;
    return;
  }
  found->as_string() += ",";
  found->as_string() += value;
}

std::string decoded_parameter(std::string_view text) {
  auto copy = std::string(text);
  std::ranges::replace(copy, '+', ' ');
  return to_utf8(percent_decode(copy));
}

bool is_text(std::string_view content_type) {
  return content_type.empty() || content_type.starts_with("text/") || content_type.starts_with("application/json") ||
         content_type.starts_with("application/xml") || content_type.starts_with("application/javascript") ||
         content_type.starts_with("application/x-www-form-urlencoded") ||
         content_type.find("+json") != std::string_view::npos;
}

json::object http_part(const UrlRequest& request) {
  return {{"method", request.method},
          {"path", to_utf8(percent_decode(request.path))},
          {"protocol", "HTTP/1.1"},
          {"sourceIp", "127.0.0.1"},
          {"userAgent", to_utf8(request.headers.find("User-Agent").value_or(""))}};
}

json::object context_part(const UrlRequest& request) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(request.time);
  const auto prefix = request.domain.substr(0, request.domain.find('.'));
  return {
      {"accountId", "anonymous"},
      {"apiId", prefix},
      {"domainName", request.domain},
      {"domainPrefix", prefix},
      {"http", http_part(request)},
      {"requestId", request.request_id},
      {"routeKey", "$default"},
      {"stage", "$default"},
      {"time", fmt::format("{:%d/%b/%Y:%H:%M:%S} +0000", seconds)},
      {"timeEpoch", std::chrono::duration_cast<std::chrono::milliseconds>(request.time.time_since_epoch()).count()}};
}

/// A header's or status' value as text.
std::string text_of(const json::value& value) {
  return value.is_string() ? std::string(value.as_string()) : json::serialize(value);
}

void add_headers(const json::object& answer, HttpReply& reply) {
  if (const auto* headers = answer.if_contains("headers"); headers != nullptr && headers->is_object()) {
    for (const auto& [name, value] : headers->as_object()) {
      const auto lower = ascii_lower(name);
      if (lower == "content-length" || lower == "transfer-encoding" || lower == "connection") continue;
      reply.headers.add(std::string(name), text_of(value));
    }
  }
  if (const auto* cookies = answer.if_contains("cookies"); cookies != nullptr && cookies->is_array()) {
    for (const auto& cookie : cookies->as_array()) reply.headers.add("Set-Cookie", text_of(cookie));
  }
  if (!reply.headers.find("Content-Type")) reply.headers.add("Content-Type", "application/json");
}

bool set_status(const json::object& answer, HttpReply& reply) {
  const auto* status = answer.if_contains("statusCode");
  if (status == nullptr) return true;
  boost::system::error_code error;
  const auto code = status->is_string() ? json::parse(std::string(status->as_string()), error) : *status;
  if (error || !code.is_int64() || code.as_int64() < 100 || code.as_int64() > 599) return false;
  reply.status = static_cast<int>(code.as_int64());
  return true;
}

HttpReply bad_answer() {
  return {.status = 502, .headers = {{"Content-Type", "application/json"}}, .body = "Internal Server Error"};
}

}  // namespace

std::string url_event(const UrlRequest& request) {
  json::object event{{"version", "2.0"},
                     {"routeKey", "$default"},
                     {"rawPath", to_utf8(percent_decode(request.path))},
                     {"rawQueryString", to_utf8(request.query)}};
  json::object headers;
  json::array cookies;
  for (const auto& [name, value] : request.headers) {
    const auto lower = ascii_lower(name);
    if (lower == "cookie") {
      for (const auto cookie : split(value, ';')) cookies.emplace_back(to_utf8(trim(cookie)));
    } else {
      join(headers, lower, to_utf8(value));
    }
  }
  json::object parameters;
  if (!request.query.empty()) {
    for (const auto part : split(request.query, '&')) {
      const auto equals = part.find('=');
      join(parameters, decoded_parameter(part.substr(0, equals)),
           equals == std::string_view::npos ? std::string() : decoded_parameter(part.substr(equals + 1)));
    }
  }
  if (!cookies.empty()) event["cookies"] = std::move(cookies);
  event["headers"] = std::move(headers);
  if (!parameters.empty()) event["queryStringParameters"] = std::move(parameters);
  event["requestContext"] = context_part(request);
  // What calls itself text but is none would make the event unreadable.
  const bool as_text = is_text(request.headers.find("Content-Type").value_or("")) && is_utf8(request.body);
  if (!request.body.empty()) event["body"] = as_text ? request.body : base64_encode(request.body);
  event["isBase64Encoded"] = !request.body.empty() && !as_text;
  return json::serialize(event);
}

HttpReply url_reply(std::string_view payload) {
  boost::system::error_code error;
  const auto value = json::parse(payload, error);
  if (error) return bad_answer();
  HttpReply reply;
  if (!value.is_object() || !value.as_object().contains("statusCode")) {
    reply.headers.add("Content-Type", "application/json");
    reply.body = value.is_string() ? std::string(value.as_string()) : std::string(payload);
    return reply;
  }
  const auto& answer = value.as_object();
  if (!set_status(answer, reply)) return bad_answer();
  add_headers(answer, reply);
  if (const auto* body = answer.if_contains("body"); body != nullptr && !body->is_null()) reply.body = text_of(*body);
  const auto* encoded = answer.if_contains("isBase64Encoded");
  if (encoded != nullptr && encoded->is_bool() && encoded->as_bool()) {
    auto decoded = base64_decode(reply.body);
    if (!decoded) return bad_answer();
    reply.body = std::move(*decoded);
  }
  return reply;
}

UrlPrelude parse_url_prelude(std::string_view text) {
  UrlPrelude prelude;
  const auto end = text.find(kEndOfPrelude);
  if (end == std::string_view::npos) {
    if (text.size() > kMaxPreludeBytes) prelude.bytes = text.size();
    return prelude;
  }
  prelude.bytes = end + kEndOfPrelude.size();
  boost::system::error_code error;
  const auto value = json::parse(text.substr(0, end), error);
  if (error || !value.is_object()) return prelude;
  prelude.is_valid = set_status(value.as_object(), prelude.reply);
  add_headers(value.as_object(), prelude.reply);
  return prelude;
}

UrlTarget url_target(std::string_view host, std::string_view path) {
  if (const auto mark = host.find(kHostMark); mark != std::string_view::npos) {
    return {.function = std::string(host.substr(0, mark)), .path = std::string(path)};
  }
  if (!path.starts_with(kPathPrefix)) return {};
  path.remove_prefix(kPathPrefix.size());
  const auto slash = path.find('/');
  return {.function = percent_decode(path.substr(0, slash)),
          .path = slash == std::string_view::npos ? "/" : std::string(path.substr(slash))};
}

}  // namespace creel::emulator

#include "api/json_body.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "api/text_length.h"
#include "base/failure.h"
#include "base/text.h"

namespace creel {
namespace json = boost::json;
namespace {

constexpr std::size_t kMaxDepth = 32;

/// "application/json; charset=utf-8" and "application/problem+json" are JSON; so is a body that does not say.
bool is_json(std::string_view content_type) {
  const auto type = ascii_lower(trim(content_type.substr(0, content_type.find(';'))));
  return type.empty() || type == "application/json" || (type.starts_with("application/") && type.ends_with("+json"));
}

void check_encoding(const HttpCall& http) {
  const auto encoding = http.header("Content-Encoding");
  if (!encoding.empty() && !ascii_iequals(encoding, "identity")) {
    throw Problem(ProblemKind::unsupported_media_type, "the body is compressed; send it as it is");
  }
  if (!is_json(http.header("Content-Type"))) {
    throw Problem(ProblemKind::unsupported_media_type, "the body must be JSON: Content-Type: application/json");
  }
}

Task<std::string> read_text(HttpCall* http, std::size_t max_bytes) {
  bool is_too_large = false;
  try {
    co_return co_await http->read_body(max_bytes);
  } catch (const Failure& failure) {
    if (failure.kind() != FailureKind::too_large) throw;
    is_too_large = true;
  }
  if (is_too_large) {
    throw Problem(ProblemKind::too_large, fmt::format("the body may have {} bytes at most", max_bytes));
  }
  co_return std::string();
}

json::value parse(const std::string& text) {
  json::parse_options options;
  options.max_depth = kMaxDepth;
  boost::system::error_code error;
  auto value = json::parse(text, error, {}, options);
  if (error) throw Problem(ProblemKind::invalid_request, fmt::format("the body is no JSON: {}", error.message()));
  return value;
}

std::string escape(std::string_view name) {
  std::string escaped;
  for (const auto c : name) {
    if (c == '~') {
      escaped += "~0";
    } else if (c == '/') {
      escaped += "~1";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

}  // namespace

Task<json::value> read_json(ApiCall call) {
  const auto& body = call.route().body;
  if (!body) throw std::logic_error(fmt::format("the route {} declares no body", call.route().path));
  const auto text = co_await read_text(&call.http(), body->max_bytes);
  if (text.empty()) {
    if (!body->is_required) co_return nullptr;
    throw Problem(ProblemKind::invalid_request, "the request has no body");
  }
  check_encoding(call.http());
  co_return parse(text);
}

Task<json::object> read_json_object(ApiCall call) {
  const bool is_required = call.route().body && call.route().body->is_required;
  auto value = co_await read_json(call);
  if (auto* object = value.if_object()) co_return std::move(*object);
  if (value.is_null() && !is_required) co_return json::object();
  throw Problem(ProblemKind::invalid_request, "the body must be a JSON object");
}

FieldReader::FieldReader(const json::object& object, std::string pointer)
    : object_(object), pointer_(std::move(pointer)) {}

std::string FieldReader::pointer_to(std::string_view name) const {
  return name.empty() ? pointer_ : fmt::format("{}/{}", pointer_, escape(name));
}

/// The member, noted as one that is known; null if it is not there or null.
const json::value* FieldReader::look(std::string_view name) {
  know(name);
  const auto* value = object_.if_contains(name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

void FieldReader::know(std::string_view name) {
  if (std::ranges::find(known_, name) == known_.end()) known_.emplace_back(name);
}

bool FieldReader::has(std::string_view name) {
  know(name);
  return object_.contains(name);
}

bool FieldReader::is_null(std::string_view name) const {
  const auto* value = object_.if_contains(name);
  return value != nullptr && value->is_null();
}

void FieldReader::wrong_type(std::string_view name, std::string_view wanted) {
  refuse(name, fmt::format("must be {}", wanted));
}

std::optional<std::string> FieldReader::text(std::string_view name, std::size_t max_length) {
  const auto* value = look(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_string()) {
    wrong_type(name, "a text");
    return std::nullopt;
  }
  std::string text(value->get_string());
  if (text_length(text) > max_length) {
    refuse(name, fmt::format("has more than {} characters", max_length));
    return std::nullopt;
  }
  // The databases take no text with it.
  if (text.find('\0') != std::string::npos) {
    refuse(name, "has a NUL character");
    return std::nullopt;
  }
  return text;
}

std::string FieldReader::required_text(std::string_view name, std::size_t max_length) {
  const auto before = errors_.size();
  auto text = this->text(name, max_length);
  if (errors_.size() > before) return {};
  if (!text || trim(*text).empty()) {
    refuse(name, text ? "must not be empty" : "is missing");
    return {};
  }
  return std::move(*text);
}

std::optional<std::int64_t> FieldReader::integer(std::string_view name, std::int64_t min, std::int64_t max) {
  const auto* value = look(name);
  if (value == nullptr) return std::nullopt;
  boost::system::error_code error;
  // 3.0 is a whole number too, as JSON Schema has it.
  const auto number = value->is_number() ? value->to_number<std::int64_t>(error) : 0;
  if (!value->is_number() || error) {
    wrong_type(name, "a whole number");
    return std::nullopt;
  }
  if (number < min) {
    refuse(name, fmt::format("must be at least {}", min));
    return std::nullopt;
  }
  if (number > max) {
    refuse(name, fmt::format("must be at most {}", max));
    return std::nullopt;
  }
  return number;
}

std::optional<double> FieldReader::number(std::string_view name) {
  const auto* value = look(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_number() || !std::isfinite(value->to_number<double>())) {
    wrong_type(name, "a number");
    return std::nullopt;
  }
  return value->to_number<double>();
}

std::optional<bool> FieldReader::flag(std::string_view name) {
  const auto* value = look(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_bool()) return value->get_bool();
  wrong_type(name, "true or false");
  return std::nullopt;
}

const json::value* FieldReader::value(std::string_view name) {
  return look(name);
}

const json::object* FieldReader::object(std::string_view name) {
  const auto* value = look(name);
  if (value == nullptr) return nullptr;
  if (!value->is_object()) wrong_type(name, "an object");
  return value->if_object();
}

const json::array* FieldReader::array(std::string_view name) {
  const auto* value = look(name);
  if (value == nullptr) return nullptr;
  if (!value->is_array()) wrong_type(name, "an array");
  return value->if_array();
}

void FieldReader::refuse(std::string_view name, std::string detail) {
  errors_.push_back({pointer_to(name), std::move(detail)});
}

void FieldReader::refuse_all(std::vector<ProblemError> errors) {
  std::ranges::move(errors, std::back_inserter(errors_));
}

std::vector<ProblemError> FieldReader::errors() {
  if (!checked_unknown_) {
    checked_unknown_ = true;
    for (const auto& member : object_) {
      const std::string_view name = member.key();
      if (std::ranges::find(known_, name) != known_.end()) continue;
      refuse(utf8_prefix(name, 100), fmt::format("there is no such field; there are {}", fmt::join(known_, ", ")));
    }
  }
  return errors_;
}

void FieldReader::finish() {
  refuse_if_any(errors());
}

HttpReply json_reply(int status, std::string json) {
  return {.status = status, .headers = {{"Content-Type", "application/json"}}, .body = std::move(json)};
}

HttpReply json_reply(int status, const json::value& value) {
  return json_reply(status, json::serialize(value));
}

}  // namespace creel

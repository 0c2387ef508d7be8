#include "emulator/control_request.h"

#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include "base/text.h"
#include "emulator/service_error.h"

namespace creel::emulator {
namespace json = boost::json;
namespace {

[[noreturn]] void refuse(std::string_view name, std::string_view wanted) {
  throw ServiceError(400, "SerializationException", fmt::format("{} is no {}", name, wanted));
}

const json::value* find(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

}  // namespace

std::string ControlRequest::parameter(std::string_view name) const {
  for (const auto& [key, value] : query) {
    if (key == name) return value;
  }
  return {};
}

FunctionReference ControlRequest::function() const {
  auto reference = parse_function_reference(path_parameters.front());
  const auto qualifier = parameter("Qualifier");
  if (qualifier.empty()) return reference;
  if (!reference.qualifier.empty() && reference.qualifier != qualifier) {
    throw ServiceError(400, "InvalidParameterValueException",
                       "The derived qualifier from the function name does not match the specified qualifier.");
  }
  reference.qualifier = qualifier;
  return reference;
}

std::optional<std::string> text_of(const json::object& object, std::string_view name) {
  const auto* value = find(object, name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_string()) refuse(name, "text");
  return std::string(value->get_string());
}

std::optional<std::int64_t> number_of(const json::object& object, std::string_view name) {
  const auto* value = find(object, name);
  if (value == nullptr) return std::nullopt;
  boost::system::error_code error;
  const auto number = value->to_number<std::int64_t>(error);
  if (error) refuse(name, "whole number");
  return number;
}

std::vector<std::pair<std::string, std::string>> texts_of(const json::object& object) {
  std::vector<std::pair<std::string, std::string>> texts;
  for (const auto& [name, value] : object) {
    if (!value.is_string()) refuse(name, "text");
    texts.emplace_back(name, value.get_string());
  }
  return texts;
}

std::optional<std::string> ControlRequest::text(std::string_view name) const {
  return text_of(body, name);
}

std::optional<std::int64_t> ControlRequest::number(std::string_view name) const {
  return number_of(body, name);
}

bool ControlRequest::flag(std::string_view name) const {
  const auto* value = find(body, name);
  if (value == nullptr) return false;
  if (!value->is_bool()) refuse(name, "boolean");
  return value->get_bool();
}

const json::object* ControlRequest::object(std::string_view name) const {
  const auto* value = find(body, name);
  if (value != nullptr && !value->is_object()) refuse(name, "object");
  return value == nullptr ? nullptr : &value->get_object();
}

const json::array* ControlRequest::array(std::string_view name) const {
  const auto* value = find(body, name);
  if (value != nullptr && !value->is_array()) refuse(name, "list");
  return value == nullptr ? nullptr : &value->get_array();
}

std::vector<std::pair<std::string, std::string>> parse_query(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> parameters;
  if (query.empty()) return parameters;
  for (const auto part : split(query, '&')) {
    const auto equals = part.find('=');
    const auto value = equals == std::string_view::npos ? std::string_view() : part.substr(equals + 1);
    parameters.emplace_back(percent_decode(part.substr(0, equals)), percent_decode(value));
  }
  return parameters;
}

json::object parse_body(std::string_view text) {
  if (trim(text).empty()) return {};
  boost::system::error_code error;
  auto value = json::parse(text, error);
  if (error || !value.is_object()) {
    throw ServiceError(400, "InvalidRequestContentException",
                       fmt::format("Could not parse request body into json: {}",
                                   error ? error.message() : std::string("it is no object")));
  }
  return std::move(value.get_object());
}

}  // namespace creel::emulator

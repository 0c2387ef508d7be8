#include "api/openapi.h"

#include <algorithm>
#include <set>
#include <stdexcept>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "api/problem.h"
#include "api/router.h"
#include "api/session.h"
#include "base/text.h"

namespace creel {
namespace json = boost::json;
namespace {

constexpr std::string_view kAbout =
    "Sources say where images are; their images are fetched, checked and put into a folder or a bucket.\n\n"
    "Errors are problem documents (RFC 9457). Lists come in pages: `next_cursor` of one answer is the parameter "
    "`cursor` of "
    "the next request, and null after the last page. Times are RFC 3339 in UTC.";

/// JSON text of ours; what is wrong with it is a bug.
json::value parse(const std::string& text, const Route& route) {
  boost::system::error_code error;
  auto value = json::parse(text, error);
  if (error) {
    throw std::logic_error(
        fmt::format("route {} {} is described with what is no JSON: {}", route.method, route.path, text));
  }
  return value;
}

json::object reference(std::string_view kind, std::string_view name) {
  return {{"$ref", fmt::format("#/components/{}/{}", kind, name)}};
}

/// "not-found" as "NotFound".
std::string type_name(std::string_view name) {
  std::string text;
  for (const auto word : split(name, '-')) {
    text += static_cast<char>(word.front() - 'a' + 'A');
    text += word.substr(1);
  }
  return text;
}

json::array texts(const std::vector<std::string>& items) {
  json::array array;
  for (const auto& item : items) array.emplace_back(item);
  return array;
}

json::object schema_of(const QueryParameter& parameter) {
  switch (parameter.type) {
    case ParameterType::text:
      return {{"type", "string"}, {"maxLength", parameter.max_length}, {"pattern", "^[^\\u0000-\\u001f\\u007f]*$"}};
    case ParameterType::boolean: return {{"type", "boolean"}};
    // A date is the beginning of its day; a value that is empty, as forms send it, counts as none.
    case ParameterType::time:
      return {{"anyOf", json::array{json::object{{"type", "string"}, {"format", "date-time"}},
                                    json::object{{"type", "string"}, {"format", "date"}},
                                    json::object{{"type", "string"}, {"maxLength", 0}}}}};
    case ParameterType::one_of: return {{"type", "string"}, {"enum", texts(parameter.choices)}};
    case ParameterType::list_of:
      return {{"type", "array"}, {"items", json::object{{"type", "string"}, {"enum", texts(parameter.choices)}}}};
    case ParameterType::integer: break;
  }
  json::object schema{{"type", "integer"}, {"format", "int64"}};
  if (parameter.min) schema["minimum"] = *parameter.min;
  if (parameter.max) schema["maximum"] = *parameter.max;
  return schema;
}

json::object describe(const QueryParameter& parameter) {
  json::object object{{"name", parameter.name}, {"in", "query"}};
  if (!parameter.help.empty()) object["description"] = parameter.help;
  auto schema = schema_of(parameter);
  if (!parameter.default_value.empty()) {
    const bool is_text = parameter.type != ParameterType::integer && parameter.type != ParameterType::boolean;
    schema["default"] = is_text ? json::value(parameter.default_value) : json::parse(parameter.default_value);
  }
  object["schema"] = std::move(schema);
  if (parameter.type == ParameterType::list_of) {
    object["style"] = "form";
    object["explode"] = false;
  }
  return object;
}

json::object describe_path_name(const std::string& name) {
  json::object schema{{"type", "string"}, {"minLength", 1}};
  if (name == "id") schema = {{"type", "integer"}, {"format", "int64"}, {"minimum", 1}};
  return {{"name", name}, {"in", "path"}, {"required", true}, {"schema", std::move(schema)}};
}

json::object media(const std::string& schema, const std::string& example, const Route& route) {
  json::object object{{"schema", parse(schema, route)}};
  if (!example.empty()) object["example"] = parse(example, route);
  return object;
}

json::object describe(const RouteBody& body, const Route& route) {
  return {{"required", body.is_required},
          {"content", json::object{{"application/json", media(body.schema, body.example, route)}}}};
}

json::object describe(const RouteAnswer& answer, const Route& route) {
  json::object object{{"description", answer.help}};
  json::object headers;
  for (const auto& [name, help] : answer.headers) {
    headers[name] = json::object{{"description", help}, {"schema", json::object{{"type", "string"}}}};
  }
  if (!headers.empty()) object["headers"] = std::move(headers);
  if (!answer.schema.empty()) {
    object["content"] = json::object{{answer.media_type, media(answer.schema, answer.example, route)}};
  }
  return object;
}

/// The statuses of problems with which a route may answer.
std::set<int> problems_of(const Route& route) {
  std::set<int> statuses(route.problems.begin(), route.problems.end());
  if (route.body) statuses.insert({400, 413, 415});
  // Parameters that are not declared are refused on every route.
  if (!route.takes_any_query) statuses.insert(400);
  if (route.path.find('{') != std::string::npos) statuses.insert(404);
  if (route.scope != Scope::none) statuses.insert({401, 403, 503});
  return statuses;
}

const ProblemKind* kind_of_status(const std::vector<ProblemKind>& kinds, int status) {
  const auto found = std::ranges::find(kinds, status, [](ProblemKind kind) { return text_of(kind).status; });
  return found == kinds.end() ? nullptr : &*found;
}

json::object describe_answers(const Route& route) {
  json::object answers;
  for (const auto& answer : route.answers) {
    auto& place = answers[std::to_string(answer.status)];
    if (!place.is_null()) {
      // The same status in another form.
      auto more = describe(answer, route);
      auto& content = place.as_object()["content"].as_object();
      for (auto& [type, form] : more["content"].as_object()) content[type] = std::move(form);
      continue;
    }
    place = describe(answer, route);
  }
  const auto kinds = all_problem_kinds();
  for (const auto status : problems_of(route)) {
    const auto* kind = kind_of_status(kinds, status);
    if (kind == nullptr) throw std::logic_error(fmt::format("{}: no problem has status {}", route.path, status));
    const auto key = std::to_string(status);
    if (!answers.contains(key)) answers[key] = reference("responses", type_name(text_of(*kind).name));
  }
  answers["default"] = reference("responses", "Internal");
  return answers;
}

json::object describe(const Route& route) {
  auto help = route.help;
  if (route.scope != Scope::none) {
    help += fmt::format("{}Needs the scope `{}`.", help.empty() ? "" : "\n\n", to_string(route.scope));
  }
  json::object operation{{"operationId", route.name}, {"tags", json::array{route.tag}}, {"summary", route.summary}};
  if (!help.empty()) operation["description"] = help;
  json::array parameters;
  for (const auto& name : path_names(route.path)) parameters.push_back(describe_path_name(name));
  for (const auto& parameter : route.query) parameters.push_back(describe(parameter));
  if (!parameters.empty()) operation["parameters"] = std::move(parameters);
  if (route.body) operation["requestBody"] = describe(*route.body, route);
  operation["responses"] = describe_answers(route);
  json::array security;
  if (route.scope != Scope::none) {
    const json::array scopes{to_string(route.scope)};
    security = {json::object{{"token", scopes}}, json::object{{"session", scopes}}};
  }
  operation["security"] = std::move(security);
  return operation;
}

json::object problem_schema() {
  json::array types;
  for (const auto kind : all_problem_kinds())
    types.emplace_back(fmt::format("urn:creel:problem:{}", text_of(kind).name));
  const json::object text{{"type", "string"}};
  const json::object error{
      {"type", "object"},
      {"required", json::array{"pointer", "detail"}},
      {"properties",
       json::object{
           {"pointer", json::object{{"type", "string"},
                                    {"description", "JSON pointer into the body, or /query/NAME for a parameter"}}},
           {"detail", text}}}};
  return {{"type", "object"},
          {"description", "What is wrong, as RFC 9457 has it."},
          {"required", json::array{"type", "title", "status", "detail"}},
          {"properties", json::object{{"type", json::object{{"type", "string"}, {"enum", std::move(types)}}},
                                      {"title", text},
                                      {"status", json::object{{"type", "integer"}, {"minimum", 400}, {"maximum", 599}}},
                                      {"detail", text},
                                      {"errors", json::object{{"type", "array"}, {"items", error}}}}}};
}

json::object problem_example(ProblemKind kind) {
  const auto text = text_of(kind);
  json::object example{{"type", fmt::format("urn:creel:problem:{}", text.name)},
                       {"title", text.title},
                       {"status", text.status},
                       {"detail", text.title}};
  if (kind == ProblemKind::invalid_request) {
    example["detail"] = "/query/limit: must be at most 200";
    example["errors"] = json::array{json::object{{"pointer", "/query/limit"}, {"detail", "must be at most 200"}}};
  }
  return example;
}

json::object problem_responses() {
  json::object responses;
  for (const auto kind : all_problem_kinds()) {
    const auto text = text_of(kind);
    json::object response{
        {"description", text.title},
        {"content", json::object{{"application/problem+json", json::object{{"schema", reference("schemas", "Problem")},
                                                                           {"example", problem_example(kind)}}}}}};
    const auto header = [&](std::string_view name, std::string_view help) {
      response["headers"] =
          json::object{{name, json::object{{"description", help}, {"schema", json::object{{"type", "string"}}}}}};
    };
    if (kind == ProblemKind::unauthorized) header("WWW-Authenticate", "what kind of token is needed");
    if (kind == ProblemKind::method_not_allowed) header("Allow", "the methods that there are");
    if (kind == ProblemKind::unavailable) header("Retry-After", "seconds");
    responses[type_name(text.name)] = std::move(response);
  }
  return responses;
}

json::object components(const Router& router) {
  json::object schemas{{"Problem", problem_schema()}};
  for (const auto& [name, text] : router.schemas()) schemas[name] = json::parse(text);
  const json::object token{{"type", "http"},
                           {"scheme", "bearer"},
                           {"bearerFormat", "JWT"},
                           {"description", "`creel token` makes one. Its claim `scope` has `read` or `write`."}};
  const json::object session{
      {"type", "apiKey"},
      {"in", "cookie"},
      {"name", kSessionCookie},
      {"description",
       "For the page in the browser: POST /session makes it out of a token. Where the address has a "
       "port, the name ends with it: creel_session_8080."}};
  return {{"schemas", std::move(schemas)},
          {"responses", problem_responses()},
          {"securitySchemes", json::object{{"token", token}, {"session", session}}}};
}

}  // namespace

std::string openapi_document(const Router& router, std::string_view version) {
  json::object paths;
  for (const auto& route : router.routes()) {
    auto& path = paths[route->path];
    if (path.is_null()) path = json::object();
    path.as_object()[ascii_lower(route->method)] = describe(*route);
  }
  const json::object document{{"openapi", "3.1.0"},
                              {"info", json::object{{"title", "creel"}, {"version", version}, {"description", kAbout}}},
                              {"servers", json::array{json::object{{"url", "/"}}}},
                              {"paths", std::move(paths)},
                              {"components", components(router)}};
  return json::serialize(document);
}

}  // namespace creel

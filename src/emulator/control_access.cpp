#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include "emulator/control_fields.h"
#include "emulator/control_json.h"
#include "emulator/control_operations.h"
#include "emulator/control_page.h"

namespace creel::emulator {
namespace json = boost::json;
namespace {

[[noreturn]] void not_there() {
  throw ServiceError(404, "ResourceNotFoundException", "The resource you requested does not exist.");
}

/// The qualifier of a URL is an alias or nothing.
void check_url_qualifier(ControlState& state, const Function& function, const std::string& qualifier) {
  if (qualifier.empty() || function.aliases.contains(qualifier)) return;
  throw ServiceError(404, "ResourceNotFoundException",
                     fmt::format("Function does not exist: {}", state.registry().arn(function.name, qualifier)));
}

/// The form with the name in the path, since not every machine can look up NAME.lambda-url.localhost.
std::string url_of(ControlState& state, const Function& function, const std::string& qualifier) {
  return fmt::format("{}/lambda-url/{}{}{}/", state.parts().base_url(), function.name, qualifier.empty() ? "" : ":",
                     qualifier);
}

json::object url_json(ControlState& state, const Function& function, const std::string& qualifier,
                      const FunctionUrlConfig& url) {
  json::object object{{"FunctionUrl", url_of(state, function, qualifier)},
                      {"FunctionArn", state.registry().arn(function.name, qualifier)},
                      {"AuthType", url.auth_type},
                      {"InvokeMode", url.invoke_mode},
                      {"CreationTime", format_service_time(url.created)},
                      {"LastModifiedTime", format_service_time(url.last_modified)}};
  if (!url.cors.empty()) object["Cors"] = json::parse(url.cors);
  return object;
}

void apply(const ControlRequest& request, FunctionUrlConfig& url) {
  if (const auto type = request.text("AuthType")) {
    check_one_of(*type, "authType", {"NONE", "AWS_IAM"});
    url.auth_type = *type;
  }
  if (const auto mode = request.text("InvokeMode")) {
    check_one_of(*mode, "invokeMode", {"BUFFERED", "RESPONSE_STREAM"});
    url.invoke_mode = *mode;
  }
  if (const auto* cors = request.object("Cors")) url.cors = cors->empty() ? "" : json::serialize(*cors);
}

FunctionUrlConfig& require_url(Function& function, const std::string& qualifier) {
  const auto found = function.urls.find(qualifier);
  if (found == function.urls.end()) not_there();
  return found->second;
}

json::object principal_of(const std::string& principal) {
  if (principal.find(".amazonaws.com") != std::string::npos) return {{"Service", principal}};
  const bool is_account =
      principal.size() == 12 && std::ranges::all_of(principal, [](char c) { return c >= '0' && c <= '9'; });
  return {{"AWS", is_account ? fmt::format("arn:aws:iam::{}:root", principal) : principal}};
}

json::object conditions_of(const ControlRequest& request) {
  json::object conditions;
  const auto add = [&conditions](std::string_view operation, std::string_view key, const std::string& value) {
    auto& condition = conditions[operation];
    if (!condition.is_object()) condition = json::object();
    condition.get_object()[key] = value;
  };
  if (const auto type = request.text("FunctionUrlAuthType")) {
    check_one_of(*type, "functionUrlAuthType", {"NONE", "AWS_IAM"});
    add("StringEquals", "lambda:FunctionUrlAuthType", *type);
  }
  if (request.body.contains("InvokedViaFunctionUrl")) {
    add("Bool", "lambda:InvokedViaFunctionUrl", request.flag("InvokedViaFunctionUrl") ? "true" : "false");
  }
  if (const auto account = request.text("SourceAccount")) add("StringEquals", "AWS:SourceAccount", *account);
  if (const auto organisation = request.text("PrincipalOrgID"))
    add("StringEquals", "aws:PrincipalOrgID", *organisation);
  if (const auto token = request.text("EventSourceToken")) add("StringEquals", "lambda:EventSourceToken", *token);
  if (const auto arn = request.text("SourceArn")) add("ArnLike", "AWS:SourceArn", *arn);
  return conditions;
}

json::object statement_of(ControlState& state, const Function& function, const std::string& qualifier,
                          const ControlRequest& request) {
  const auto required = [&request](std::string_view name, const std::string& field) {
    const auto value = request.text(name);
    if (!value || value->empty()) refuse_value(value.value_or("null"), field, "Member must not be null");
    return *value;
  };
  const auto sid = required("StatementId", "statementId");
  const auto action = required("Action", "action");
  if (!action.starts_with("lambda:") && action != "*") {
    refuse_value(action, "action",
                 R"(Member must satisfy regular expression pattern: (lambda:[*]|lambda:[a-zA-Z]+|[*]))");
  }
  const auto principal = required("Principal", "principal");
  json::object statement{{"Sid", sid}, {"Effect", "Allow"}};
  statement["Principal"] = principal == "*" ? json::value("*") : json::value(principal_of(principal));
  statement["Action"] = action;
  statement["Resource"] = state.registry().arn(function.name, qualifier);
  auto conditions = conditions_of(request);
  if (!conditions.empty()) statement["Condition"] = std::move(conditions);
  return statement;
}

}  // namespace

HttpReply create_url(ControlState& state, const ControlRequest& request) {
  const auto reference = request.function();
  auto& function = state.require(reference);
  check_url_qualifier(state, function, reference.qualifier);
  if (!request.text("AuthType")) refuse_value("null", "authType", "Member must not be null");
  if (function.urls.contains(reference.qualifier)) {
    throw ServiceError(409, "ResourceConflictException",
                       fmt::format("Failed to create function url config for [functionArn = {}]. Error message:  "
                                   "FunctionUrlConfig exists for this Lambda function",
                                   state.registry().arn(function.name, reference.qualifier)));
  }
  FunctionUrlConfig url{.created = state.parts().clock.now(), .last_modified = state.parts().clock.now()};
  apply(request, url);
  function.urls.emplace(reference.qualifier, url);
  state.registry().changed(function);
  return object_reply(201, url_json(state, function, reference.qualifier, url));
}

HttpReply get_url(ControlState& state, const ControlRequest& request) {
  const auto reference = request.function();
  auto& function = state.require(reference);
  return object_reply(200, url_json(state, function, reference.qualifier, require_url(function, reference.qualifier)));
}

HttpReply update_url(ControlState& state, const ControlRequest& request) {
  const auto reference = request.function();
  auto& function = state.require(reference);
  auto& url = require_url(function, reference.qualifier);
  apply(request, url);
  url.last_modified = state.parts().clock.now();
  state.registry().changed(function);
  return object_reply(200, url_json(state, function, reference.qualifier, url));
}

HttpReply delete_url(ControlState& state, const ControlRequest& request) {
  const auto reference = request.function();
  auto& function = state.require(reference);
  require_url(function, reference.qualifier);
  function.urls.erase(reference.qualifier);
  state.registry().changed(function);
  return no_content();
}

HttpReply list_urls(ControlState& state, const ControlRequest& request) {
  auto& function = state.require(request.function());
  json::array urls;
  for (const auto& [qualifier, url] : function.urls) urls.push_back(url_json(state, function, qualifier, url));
  return page_reply(request, "FunctionUrlConfigs", std::move(urls));
}

HttpReply add_permission(ControlState& state, const ControlRequest& request) {
  const auto reference = request.function();
  auto& function = state.require(reference);
  state.require_version(function, reference.qualifier);
  check_revision(request.text("RevisionId"), function.policy_revisions[reference.qualifier]);
  auto statement = statement_of(state, function, reference.qualifier, request);
  const std::string sid(statement["Sid"].get_string());
  auto& statements = function.policies[reference.qualifier];
  if (std::ranges::find(statements, sid, &PolicyStatement::sid) != statements.end()) {
    throw ServiceError(
        409, "ResourceConflictException",
        fmt::format("The statement id ({}) provided already exists. Please provide a new statement id, or "
                    "remove the existing statement.",
                    sid));
  }
  const auto text = json::serialize(statement);
  statements.push_back({.sid = sid, .json = text});
  function.policy_revisions[reference.qualifier] = FunctionRegistry::new_revision_id();
  return object_reply(201, {{"Statement", text}});
}

HttpReply get_policy(ControlState& state, const ControlRequest& request) {
  const auto reference = request.function();
  auto& function = state.require(reference);
  const auto& statements = function.policies[reference.qualifier];
  if (statements.empty()) not_there();
  json::array list;
  for (const auto& statement : statements) list.push_back(json::parse(statement.json));
  const json::object policy{{"Version", "2012-10-17"}, {"Id", "default"}, {"Statement", std::move(list)}};
  return object_reply(
      200, {{"Policy", json::serialize(policy)}, {"RevisionId", function.policy_revisions[reference.qualifier]}});
}

HttpReply remove_permission(ControlState& state, const ControlRequest& request) {
  const auto reference = request.function();
  auto& function = state.require(reference);
  const auto& sid = request.path_parameters[1];
  const auto given = request.parameter("RevisionId");
  check_revision(given.empty() ? std::nullopt : std::optional(given), function.policy_revisions[reference.qualifier]);
  auto& statements = function.policies[reference.qualifier];
  const auto found = std::ranges::find(statements, sid, &PolicyStatement::sid);
  if (found == statements.end()) {
    throw ServiceError(404, "ResourceNotFoundException",
                       fmt::format("Statement {} is not found in resource policy.", sid));
  }
  statements.erase(found);
  function.policy_revisions[reference.qualifier] = FunctionRegistry::new_revision_id();
  return no_content();
}

}  // namespace creel::emulator

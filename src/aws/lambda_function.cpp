#include "aws/lambda_function.h"

#include <boost/json.hpp>

#include "base/failure.h"

namespace creel::aws {
namespace json = boost::json;
namespace {

json::object object_in(std::string_view text) {
  boost::system::error_code error;
  auto value = json::parse(text, error);
  if (error || !value.is_object()) {
    throw Failure(FailureKind::server_error, "the answer of Lambda is not a JSON object");
  }
  return std::move(value.get_object());
}

std::string text_of(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::optional<int> number_of(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  if (value == nullptr || !value->is_number()) return std::nullopt;
  boost::system::error_code error;
  const auto number = value->to_number<int>(error);
  return error ? std::nullopt : std::optional(number);
}

const json::object* object_of(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value == nullptr ? nullptr : value->if_object();
}

std::map<std::string, std::string> texts_of(const json::object* object) {
  std::map<std::string, std::string> texts;
  if (object == nullptr) return texts;
  for (const auto& [name, value] : *object) {
    if (value.is_string()) texts[name] = value.get_string();
  }
  return texts;
}

FunctionConfiguration configuration_of(const json::object& object) {
  FunctionConfiguration found{.name = text_of(object, "FunctionName"),
                              .arn = text_of(object, "FunctionArn"),
                              .version = text_of(object, "Version"),
                              .runtime = text_of(object, "Runtime"),
                              .handler = text_of(object, "Handler"),
                              .role = text_of(object, "Role"),
                              .description = text_of(object, "Description"),
                              .memory_mb = number_of(object, "MemorySize").value_or(128),
                              .timeout_seconds = number_of(object, "Timeout").value_or(3),
                              .architecture = "x86_64",
                              .code_sha256 = text_of(object, "CodeSha256"),
                              .revision_id = text_of(object, "RevisionId"),
                              .state = text_of(object, "State"),
                              .state_reason = text_of(object, "StateReason"),
                              .last_update_status = text_of(object, "LastUpdateStatus"),
                              .last_update_reason = text_of(object, "LastUpdateStatusReason")};
  if (const auto* size = object.if_contains("CodeSize"); size != nullptr && size->is_int64()) {
    found.code_size = static_cast<std::uint64_t>(size->get_int64());
  }
  const auto* architectures = object.if_contains("Architectures");
  if (architectures != nullptr && architectures->is_array() && !architectures->get_array().empty()) {
    const auto& first = architectures->get_array().front();
    if (first.is_string()) found.architecture = first.get_string();
  }
  if (const auto* environment = object_of(object, "Environment")) {
    found.environment = texts_of(object_of(*environment, "Variables"));
  }
  if (const auto* storage = object_of(object, "EphemeralStorage")) {
    found.ephemeral_storage_mb = number_of(*storage, "Size").value_or(found.ephemeral_storage_mb);
  }
  return found;
}

}  // namespace

FunctionConfiguration parse_function_configuration(std::string_view text) {
  return configuration_of(object_in(text));
}

FunctionState parse_function_state(std::string_view text) {
  const auto object = object_in(text);
  FunctionState state;
  if (const auto* configuration = object_of(object, "Configuration")) {
    state.configuration = configuration_of(*configuration);
  }
  state.tags = texts_of(object_of(object, "Tags"));
  if (const auto* concurrency = object_of(object, "Concurrency")) {
    state.reserved_concurrency = number_of(*concurrency, "ReservedConcurrentExecutions");
  }
  return state;
}

FunctionAlias parse_function_alias(std::string_view text) {
  const auto object = object_in(text);
  return {.name = text_of(object, "Name"),
          .version = text_of(object, "FunctionVersion"),
          .description = text_of(object, "Description"),
          .revision_id = text_of(object, "RevisionId")};
}

FunctionUrlConfiguration parse_function_url(std::string_view text) {
  const auto object = object_in(text);
  auto mode = text_of(object, "InvokeMode");
  return {.url = text_of(object, "FunctionUrl"),
          .auth_type = text_of(object, "AuthType"),
          .invoke_mode = mode.empty() ? "BUFFERED" : std::move(mode)};
}

std::vector<std::string> parse_policy_statements(std::string_view text) {
  // The policy is a document of its own, as text inside the answer.
  const auto policy = object_in(text_of(object_in(text), "Policy"));
  std::vector<std::string> ids;
  const auto* statements = policy.if_contains("Statement");
  if (statements == nullptr || !statements->is_array()) return ids;
  for (const auto& statement : statements->get_array()) {
    if (statement.is_object()) ids.push_back(text_of(statement.get_object(), "Sid"));
  }
  return ids;
}

VersionPage parse_version_page(std::string_view text) {
  const auto object = object_in(text);
  VersionPage page{.versions = {}, .next_marker = text_of(object, "NextMarker")};
  const auto* versions = object.if_contains("Versions");
  if (versions == nullptr || !versions->is_array()) return page;
  for (const auto& version : versions->get_array()) {
    if (version.is_object()) page.versions.push_back(configuration_of(version.get_object()));
  }
  return page;
}

}  // namespace creel::aws

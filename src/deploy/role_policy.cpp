#include "deploy/role_policy.h"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "aws/service_endpoint.h"

namespace creel::deploy {
namespace json = boost::json;
namespace {

constexpr auto kPolicyVersion = "2012-10-17";

json::object statement(std::string_view id, json::array actions, json::array resources) {
  return {{"Sid", id}, {"Effect", "Allow"}, {"Action", std::move(actions)}, {"Resource", std::move(resources)}};
}

bool has(const OwnRole& role, std::string_view right) {
  return std::ranges::find(role.bucket_access, right) != role.bucket_access.end();
}

json::array object_actions(const OwnRole& role) {
  json::array actions;
  if (has(role, "get")) actions.emplace_back("s3:GetObject");
  if (has(role, "put")) {
    actions.emplace_back("s3:PutObject");
    actions.emplace_back("s3:AbortMultipartUpload");
  }
  if (has(role, "delete")) actions.emplace_back("s3:DeleteObject");
  return actions;
}

/// The account stands as "*": a role has rights in its own account only, unless another one grants them.
json::object log_statement(const DesiredFunction& function, std::string_view partition, std::string_view region) {
  const auto group = fmt::format("arn:{}:logs:{}:*:log-group:{}", partition, region, function.log_group());
  json::array actions{"logs:CreateLogStream", "logs:PutLogEvents"};
  // A log group that is made for the function need not be made by it.
  if (!function.log_retention_days) actions.emplace_back("logs:CreateLogGroup");
  return statement("Log", std::move(actions), {group + ":*"});
}

/// "a, b" of ["a", "b"]; empty for what is no list of texts.
std::string list_text(const json::object& statement, std::string_view name) {
  std::string text;
  const auto* list = statement.if_contains(name);
  if (list == nullptr || !list->is_array()) return text;
  for (const auto& item : list->get_array()) {
    if (!item.is_string()) return {};
    text += text.empty() ? "" : ", ";
    text += std::string_view(item.get_string());
  }
  return text;
}

}  // namespace

std::string role_policy_name(std::string_view function) {
  return fmt::format("creel-{}", function);
}

std::string trust_policy() {
  json::object who{{"Service", "lambda.amazonaws.com"}};
  json::object allow{{"Effect", "Allow"}, {"Principal", std::move(who)}, {"Action", "sts:AssumeRole"}};
  return json::serialize(json::object{{"Version", kPolicyVersion}, {"Statement", json::array{std::move(allow)}}});
}

std::string role_policy(const DesiredFunction& function, const OwnRole& role, std::string_view region) {
  const auto partition = aws::partition_of(region);
  json::array statements;
  statements.push_back(log_statement(function, partition, region));

  json::array buckets;
  json::array objects;
  for (const auto& bucket : role.buckets) {
    buckets.emplace_back(fmt::format("arn:{}:s3:::{}", partition, bucket));
    objects.emplace_back(fmt::format("arn:{}:s3:::{}/*", partition, bucket));
  }
  auto actions = object_actions(role);
  if (!objects.empty() && !actions.empty()) {
    statements.push_back(statement("Objects", std::move(actions), std::move(objects)));
  }
  // Without it S3 answers "forbidden" for what is not there.
  if (!buckets.empty() && has(role, "list")) {
    statements.push_back(statement("Buckets", {"s3:ListBucket"}, std::move(buckets)));
  }
  return json::serialize(json::object{{"Version", kPolicyVersion}, {"Statement", std::move(statements)}});
}

std::vector<std::string> policy_lines(std::string_view document) {
  std::vector<std::string> lines;
  boost::system::error_code error;
  const auto policy = json::parse(document, error);
  const auto* object = error ? nullptr : policy.if_object();
  const auto* statements = object == nullptr ? nullptr : object->if_contains("Statement");
  if (statements == nullptr || !statements->is_array()) return lines;
  for (const auto& each : statements->get_array()) {
    const auto* statement = each.if_object();
    const auto actions = statement == nullptr ? std::string() : list_text(*statement, "Action");
    const auto resources = statement == nullptr ? std::string() : list_text(*statement, "Resource");
    const bool is_plain = !actions.empty() && !resources.empty() && !statement->contains("Condition") &&
                          statement->contains("Effect") && statement->at("Effect") == "Allow";
    lines.push_back(is_plain ? fmt::format("{} on {}", actions, resources) : json::serialize(each));
  }
  return lines;
}

bool same_json(std::string_view a, std::string_view b) {
  boost::system::error_code error;
  const auto left = json::parse(a, error);
  if (error) return a == b;
  const auto right = json::parse(b, error);
  return !error && left == right;
}

}  // namespace creel::deploy

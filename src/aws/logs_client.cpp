#include "aws/logs_client.h"

#include <algorithm>
#include <array>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/failure.h"

namespace creel::aws {
namespace json = boost::json;
namespace {

constexpr std::string_view kThereAlready = "ResourceAlreadyExistsException";

/// Source: PutRetentionPolicy in the API reference.
constexpr std::array kRetentionDays = {1,   3,   5,   7,   14,   30,   60,   90,   120,  150,  180,
                                       365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653};

}  // namespace

bool is_log_retention(int days) {
  return std::ranges::find(kRetentionDays, days) != kRetentionDays.end();
}

LogsClient::LogsClient(ServiceContext context, const std::string& region, const std::string& endpoint_url)
    : transport_(std::move(context),
                 {.signing_name = "logs", .endpoint = ServiceEndpoint::regional("logs", region, endpoint_url)}) {}

Task<std::optional<LogGroup>> LogsClient::find_group(std::string name) {
  // The answer lists groups in the order of their names, so that the one of exactly this name comes first.
  const json::object question{{"logGroupNamePrefix", name}, {"limit", 1}};
  const auto body = co_await call("DescribeLogGroups", name, json::serialize(question));
  boost::system::error_code error;
  const auto answer = json::parse(body, error);
  const auto* groups = error || !answer.is_object() ? nullptr : answer.get_object().if_contains("logGroups");
  if (groups == nullptr || !groups->is_array()) {
    throw Failure(FailureKind::server_error,
                  fmt::format("DescribeLogGroups of {} at {}: the answer has no list of groups", name,
                              transport_.endpoint().name()));
  }
  for (const auto& group : groups->get_array()) {
    if (!group.is_object()) continue;
    const auto* group_name = group.get_object().if_contains("logGroupName");
    if (group_name == nullptr || !group_name->is_string() || group_name->get_string() != name) continue;
    LogGroup found{.name = name, .retention_days = {}};
    const auto* days = group.get_object().if_contains("retentionInDays");
    if (days != nullptr && days->is_int64()) found.retention_days = static_cast<int>(days->get_int64());
    co_return found;
  }
  co_return std::nullopt;
}

Task<void> LogsClient::create_group(std::string name) {
  try {
    co_await call("CreateLogGroup", name, json::serialize(json::object{{"logGroupName", name}}));
  } catch (const ServiceError& error) {
    if (error.fault().code != kThereAlready) throw;
  }
}

Task<void> LogsClient::put_retention(std::string name, int days) {
  co_await call("PutRetentionPolicy", name,
                json::serialize(json::object{{"logGroupName", name}, {"retentionInDays", days}}));
}

Task<std::string> LogsClient::call(std::string operation, std::string name, std::string body) {
  ServiceRequest request{.action = fmt::format("{} of {}", operation, name), .method = HttpMethod::post, .body = body};
  request.headers.add("Content-Type", "application/x-amz-json-1.1");
  request.headers.add("X-Amz-Target", "Logs_20140328." + operation);
  auto answer = co_await transport_.execute(std::move(request));
  co_return std::move(answer.body);
}

}  // namespace creel::aws

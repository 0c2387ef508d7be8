#include "deploy/smoke.h"

#include <algorithm>
#include <optional>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "aws/one_line.h"
#include "aws/retry.h"
#include "base/failure.h"

namespace creel::deploy {
namespace json = boost::json;
namespace {

/// A new version may be throttled for a moment, while others are still called.
constexpr int kTries = 4;
constexpr std::chrono::milliseconds kBetweenTries{1'000};

std::string text_of(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::string error_text(const std::string& payload) {
  boost::system::error_code error;
  const auto value = json::parse(payload, error);
  if (error || !value.is_object()) return aws::one_line(payload);
  const auto type = text_of(value.get_object(), "errorType");
  const auto message = text_of(value.get_object(), "errorMessage");
  return aws::one_line(type.empty() || message.empty() ? type + message : type + ": " + message);
}

/// The statusCode of an answer; nothing if it has none.
std::optional<std::int64_t> status_in(const std::string& payload) {
  boost::system::error_code error;
  const auto value = json::parse(payload, error);
  if (error || !value.is_object()) return std::nullopt;
  const auto* status = value.get_object().if_contains("statusCode");
  if (status == nullptr || !status->is_int64()) return std::nullopt;
  return status->get_int64();
}

}  // namespace

SmokeVerdict judge_smoke(const aws::LambdaAnswer& answer) {
  if (!answer.function_error.empty()) return {false, error_text(answer.payload)};
  const auto status = status_in(answer.payload);
  if (status && *status >= 400) return {false, fmt::format("it answered with {}", aws::one_line(answer.payload))};
  if (answer.status == 204) return {true, "it may be called"};
  return {true, status ? fmt::format("answered with status {}", *status) : "answered"};
}

Task<SmokeVerdict> run_smoke_test(aws::LambdaInvoker& invoker, DesiredFunction function, SteadyTime deadline) {
  using Kind = SmokeTest::Kind;
  aws::LambdaInvocation call{.function = function.name,
                             .qualifier = function.alias,
                             .type = function.smoke.kind == Kind::dry_run ? aws::InvocationType::dry_run
                                                                          : aws::InvocationType::request_response,
                             .payload = function.smoke.payload,
                             .deadline = deadline};
  for (int tries = 1;; ++tries) {
    try {
      co_return judge_smoke(co_await invoker.invoke(call));
    } catch (const Failure& failure) {
      const bool may_pass = failure.kind() == FailureKind::function_throttled && tries < kTries;
      if (!may_pass) co_return SmokeVerdict{false, failure.what()};
    }
    co_await aws::sleep_for(kBetweenTries);
  }
}

}  // namespace creel::deploy

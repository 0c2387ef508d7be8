#include "deploy/rollback.h"

#include <charconv>

#include <fmt/format.h>

#include "base/failure.h"

namespace creel::deploy {
namespace {

std::uint64_t number_of(const std::string& version) {
  std::uint64_t number = 0;
  std::from_chars(version.data(), version.data() + version.size(), number);
  return number;
}

}  // namespace

std::optional<std::string> version_before(const std::vector<aws::FunctionConfiguration>& versions,
                                          const std::string& current) {
  std::uint64_t best = 0;
  for (const auto& version : versions) {
    const auto number = number_of(version.version);
    if (number < number_of(current)) best = std::max(best, number);
  }
  return best == 0 ? std::nullopt : std::optional(std::to_string(best));
}

Task<Rollback> plan_rollback(aws::LambdaControl& lambda, DesiredFunction function) {
  if (function.alias.empty()) {
    throw Failure(FailureKind::bad_request,
                  fmt::format("function {} has no alias, and so no version to go back to", function.name));
  }
  const auto alias = co_await lambda.get_alias(function.name, function.alias);
  if (!alias) {
    throw Failure(FailureKind::not_found,
                  fmt::format("function {} has no alias {}: deploy it first", function.name, function.alias));
  }
  const auto versions = co_await lambda.list_versions(function.name);
  const auto before = version_before(versions, alias->version);
  if (!before) {
    throw Failure(FailureKind::bad_request, fmt::format("function {}: there is no version before {} to go back to",
                                                        function.name, alias->version));
  }
  co_return Rollback{function.name, function.alias, alias->version, *before};
}

}  // namespace creel::deploy

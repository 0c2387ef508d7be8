#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "deploy/deployed_function.h"
#include "deploy/desired_function.h"

namespace creel::deploy {

/// What is done to a function, in the order in which it is done.
enum class StepKind : std::uint8_t {
  create_role,
  put_role_policy,
  create_log_group,
  set_log_retention,
  create_function,
  update_code,
  update_configuration,
  set_tags,
  set_concurrency,
  publish_version,
  move_alias,
  set_url,
  remove_url,
  smoke_test,
};

/// "update code", for people.
std::string_view describe(StepKind kind);

/// "update_code", for programs.
std::string_view to_string(StepKind kind);

/// One thing that becomes another. Empty for what was not there, or will not
/// be.
struct FieldChange {
  std::string field;
  std::string before{};
  std::string after{};

  bool operator==(const FieldChange&) const = default;
};

struct Step {
  StepKind kind;
  std::vector<FieldChange> changes{};

  bool operator==(const Step&) const = default;
};

struct FunctionPlan {
  enum class Outcome : std::uint8_t { create, change, unchanged };

  std::string name;
  Outcome outcome = Outcome::unchanged;
  std::vector<Step> steps{};
  /// What is to be known beside it.
  std::vector<std::string> notes{};

  bool has(StepKind kind) const;
};

std::string_view to_string(FunctionPlan::Outcome outcome);

/// The zip that a function is to run.
struct ZipFacts {
  /// As the service computes it.
  std::string code_sha256;
  std::uint64_t bytes = 0;
};

/// What the function's variables will be: its own, and with `merge_environment`
/// those of others.
std::map<std::string, std::string> planned_environment(const DesiredFunction& desired,
                                                       const DeployedFunction& deployed);

/// The ids of the statements that make a URL callable by everybody: both are
/// needed, to call it as a URL and to run the function behind it.
inline constexpr std::string_view kUrlStatement = "creel-url";
inline constexpr std::string_view kUrlInvokeStatement = "creel-url-invoke";

/// The steps that turn what is deployed into what is desired; none if they are
/// the same. Pure. Values of variables are not in it: they may be secret.
FunctionPlan make_plan(const DesiredFunction& desired, const DeployedFunction& deployed, const ZipFacts& zip,
                       std::string_view region);

}  // namespace creel::deploy

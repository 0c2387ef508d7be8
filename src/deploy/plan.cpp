#include "deploy/plan.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/units.h"
#include "deploy/deploy_config.h"
#include "deploy/role_policy.h"

namespace creel::deploy {
namespace {

using Changes = std::vector<FieldChange>;

struct StepName {
  StepKind kind;
  std::string_view name;
  std::string_view words;
};

constexpr StepName kSteps[] = {
    {StepKind::create_role, "create_role", "create role"},
    {StepKind::put_role_policy, "put_role_policy", "set the role's rights"},
    {StepKind::create_log_group, "create_log_group", "create log group"},
    {StepKind::set_log_retention, "set_log_retention", "set log retention"},
    {StepKind::create_function, "create_function", "create function"},
    {StepKind::update_code, "update_code", "update code"},
    {StepKind::update_configuration, "update_configuration", "update configuration"},
    {StepKind::set_tags, "set_tags", "set tags"},
    {StepKind::set_concurrency, "set_concurrency", "set reserved concurrency"},
    {StepKind::publish_version, "publish_version", "publish version"},
    {StepKind::move_alias, "move_alias", "move alias"},
    {StepKind::set_url, "set_url", "set function URL"},
    {StepKind::remove_url, "remove_url", "remove function URL"},
    {StepKind::smoke_test, "smoke_test", "smoke test"},
};

const StepName& entry(StepKind kind) {
  return *std::ranges::find(kSteps, kind, &StepName::kind);
}

constexpr std::string_view kAfterPublish = "the new version";

void add_if_other(Changes& changes, std::string_view field, std::string before, std::string after) {
  if (before != after) changes.push_back({std::string(field), std::move(before), std::move(after)});
}

std::string quoted(const std::string& text) {
  return fmt::format("\"{}\"", text);
}

std::string role_text(const DesiredFunction& desired, const DeployedFunction& deployed, std::string_view region) {
  if (const auto* arn = std::get_if<RoleArn>(&desired.role)) return arn->arn;
  if (deployed.role) return deployed.role->arn;
  const auto& own = std::get<OwnRole>(desired.role);
  return own.name.empty() ? own_role_name(desired.name, region) : own.name;
}

Changes environment_changes(const std::map<std::string, std::string>& before,
                            const std::map<std::string, std::string>& after) {
  Changes changes;
  for (const auto& [name, value] : after) {
    const auto old = before.find(name);
    if (old == before.end()) {
      changes.push_back({.field = "environment." + name, .after = "set"});
    } else if (old->second != value) {
      changes.push_back({.field = "environment." + name, .before = "set", .after = "another value"});
    }
  }
  for (const auto& [name, value] : before) {
    if (!after.contains(name)) changes.push_back({.field = "environment." + name, .before = "set"});
  }
  return changes;
}

Changes configuration_changes(const DesiredFunction& desired, const DeployedFunction& deployed,
                              const aws::FunctionConfiguration& before, std::string_view region) {
  Changes changes;
  add_if_other(changes, "runtime", before.runtime, desired.runtime);
  add_if_other(changes, "handler", before.handler, desired.handler);
  // An emulator without roles takes any.
  if (deployed.has_iam || std::holds_alternative<RoleArn>(desired.role)) {
    add_if_other(changes, "role", before.role, role_text(desired, deployed, region));
  }
  if (desired.description) {
    add_if_other(changes, "description", quoted(before.description), quoted(*desired.description));
  }
  add_if_other(changes, "memory", fmt::format("{} MB", before.memory_mb), fmt::format("{} MB", desired.memory_mb));
  add_if_other(changes, "timeout", fmt::format("{} s", before.timeout_seconds),
               fmt::format("{} s", desired.timeout_seconds));
  if (desired.ephemeral_storage_mb) {
    add_if_other(changes, "ephemeral_storage", fmt::format("{} MB", before.ephemeral_storage_mb),
                 fmt::format("{} MB", *desired.ephemeral_storage_mb));
  }
  std::ranges::move(environment_changes(before.environment, planned_environment(desired, deployed)),
                    std::back_inserter(changes));
  return changes;
}

Changes code_changes(const DesiredFunction& desired, const aws::FunctionConfiguration& before, const ZipFacts& zip) {
  Changes changes;
  if (before.code_sha256 != zip.code_sha256) {
    changes.push_back({"code", fmt::format("{} ({})", before.code_sha256, format_bytes(before.code_size)),
                       fmt::format("{} ({})", zip.code_sha256, format_bytes(zip.bytes))});
  }
  add_if_other(changes, "architecture", before.architecture, desired.architecture);
  return changes;
}

/// All of a new function, as far as it is worth reading.
Changes creation(const DesiredFunction& desired, const DeployedFunction& deployed, const ZipFacts& zip,
                 std::string_view region) {
  Changes changes{{.field = "code", .after = fmt::format("{} ({})", zip.code_sha256, format_bytes(zip.bytes))},
                  {.field = "architecture", .after = desired.architecture},
                  {.field = "runtime", .after = desired.runtime},
                  {.field = "handler", .after = desired.handler},
                  {.field = "role", .after = role_text(desired, deployed, region)},
                  {.field = "memory", .after = fmt::format("{} MB", desired.memory_mb)},
                  {.field = "timeout", .after = fmt::format("{} s", desired.timeout_seconds)}};
  if (desired.description) changes.push_back({.field = "description", .after = quoted(*desired.description)});
  if (desired.ephemeral_storage_mb) {
    changes.push_back({.field = "ephemeral_storage", .after = fmt::format("{} MB", *desired.ephemeral_storage_mb)});
  }
  std::ranges::move(environment_changes({}, desired.environment), std::back_inserter(changes));
  return changes;
}

Changes tag_changes(const DesiredFunction& desired, const std::map<std::string, std::string>& before) {
  Changes changes;
  if (!desired.tags) return changes;
  for (const auto& [name, value] : *desired.tags) {
    const auto old = before.find(name);
    add_if_other(changes, "tags." + name, old == before.end() ? std::string() : quoted(old->second), quoted(value));
  }
  for (const auto& [name, value] : before) {
    const bool is_ours = !name.starts_with("aws:");
    if (is_ours && !desired.tags->contains(name)) changes.push_back({.field = "tags." + name, .before = quoted(value)});
  }
  return changes;
}

Changes concurrency_changes(const DesiredFunction& desired, std::optional<int> before) {
  Changes changes;
  if (!desired.reserved_concurrency) return changes;
  const auto* wanted = std::get_if<int>(&*desired.reserved_concurrency);
  add_if_other(changes, "reserved_concurrency", before ? std::to_string(*before) : "",
               wanted != nullptr ? std::to_string(*wanted) : "");
  return changes;
}

Changes policy_changes(std::string_view before, std::string_view after) {
  const auto old_lines = policy_lines(before);
  const auto new_lines = policy_lines(after);
  const auto has = [](const std::vector<std::string>& lines, const std::string& line) {
    return std::ranges::find(lines, line) != lines.end();
  };
  Changes changes;
  for (const auto& line : new_lines) {
    if (!has(old_lines, line)) changes.push_back({.field = "allow", .after = line});
  }
  for (const auto& line : old_lines) {
    if (!has(new_lines, line)) changes.push_back({.field = "allow", .before = line});
  }
  return changes;
}

std::string url_text(const aws::FunctionUrlConfiguration& url) {
  return fmt::format("{}, {}", url.auth_type, url.invoke_mode);
}

/// True if a version of this code and configuration has to be published: the alias stands for another one.
bool needs_version(const DesiredFunction& desired, const DeployedFunction& deployed, const ZipFacts& zip,
                   std::string_view region) {
  if (!deployed.alias || !deployed.alias_version) return true;
  const auto& version = *deployed.alias_version;
  return !code_changes(desired, version, zip).empty() ||
         !configuration_changes(desired, deployed, version, region).empty();
}

/// Builds the steps of one plan in their order.
class Planner {
 public:
  Planner(const DesiredFunction& desired, const DeployedFunction& deployed, const ZipFacts& zip,
          std::string_view region)
      : desired_(desired), deployed_(deployed), zip_(zip), region_(region) {}

  FunctionPlan make() {
    plan_.name = desired_.name;
    plan_role();
    plan_log_group();
    plan_function();
    plan_alias();
    plan_url();
    if (desired_.smoke.kind != SmokeTest::Kind::none && runs_something_new()) add(StepKind::smoke_test);
    if (deployed_.function) {
      plan_.outcome = plan_.steps.empty() ? FunctionPlan::Outcome::unchanged : FunctionPlan::Outcome::change;
    } else {
      plan_.outcome = FunctionPlan::Outcome::create;
    }
    return std::move(plan_);
  }

 private:
  void add(StepKind kind, Changes changes = {}) { plan_.steps.push_back({kind, std::move(changes)}); }
  void add_unless_empty(StepKind kind, Changes changes) {
    if (!changes.empty()) add(kind, std::move(changes));
  }

  void plan_role() {
    const auto* own = std::get_if<OwnRole>(&desired_.role);
    if (own == nullptr) return;
    if (!deployed_.has_iam) {
      plan_.notes.emplace_back("the endpoint has no roles: none is created");
      return;
    }
    if (!deployed_.role) {
      add(StepKind::create_role, {{.field = "name", .after = role_text(desired_, deployed_, region_)}});
    }
    const auto policy = role_policy(desired_, *own, region_);
    if (deployed_.role_policy && same_json(*deployed_.role_policy, policy)) return;
    add(StepKind::put_role_policy, policy_changes(deployed_.role_policy.value_or(""), policy));
  }

  void plan_log_group() {
    if (!desired_.log_retention_days) return;
    if (!deployed_.has_logs) {
      plan_.notes.emplace_back("the endpoint keeps no logs: log_retention_days does nothing");
      return;
    }
    if (!deployed_.log_group) add(StepKind::create_log_group, {{.field = "name", .after = desired_.log_group()}});
    const auto before = deployed_.log_group ? deployed_.log_group->retention_days : std::nullopt;
    if (before == desired_.log_retention_days) return;
    std::string before_text = before ? fmt::format("{} days", *before) : "for ever";
    if (!deployed_.log_group) before_text.clear();
    add(StepKind::set_log_retention,
        {{"log_retention", std::move(before_text), fmt::format("{} days", *desired_.log_retention_days)}});
  }

  void plan_function() {
    if (!deployed_.function) {
      add(StepKind::create_function, creation(desired_, deployed_, zip_, region_));
      add_unless_empty(StepKind::set_concurrency, concurrency_changes(desired_, std::nullopt));
      return;
    }
    const auto& before = deployed_.function->configuration;
    if (before.state == "Failed") plan_.notes.push_back("its state is Failed: " + before.state_reason);
    if (before.last_update_status == "Failed") {
      plan_.notes.push_back("its last update failed: " + before.last_update_reason);
    }
    add_unless_empty(StepKind::update_code, code_changes(desired_, before, zip_));
    add_unless_empty(StepKind::update_configuration, configuration_changes(desired_, deployed_, before, region_));
    add_unless_empty(StepKind::set_tags, tag_changes(desired_, deployed_.function->tags));
    add_unless_empty(StepKind::set_concurrency,
                     concurrency_changes(desired_, deployed_.function->reserved_concurrency));
  }

  void plan_alias() {
    if (desired_.alias.empty() || !needs_version(desired_, deployed_, zip_, region_)) return;
    add(StepKind::publish_version);
    add(StepKind::move_alias,
        {{"alias " + desired_.alias, deployed_.alias ? deployed_.alias->version : "", std::string(kAfterPublish)}});
  }

  void plan_url() {
    if (!desired_.url) return;
    const auto* wanted = std::get_if<WantedUrl>(&*desired_.url);
    if (wanted == nullptr) {
      if (deployed_.url) add(StepKind::remove_url, {{.field = "url", .before = url_text(*deployed_.url)}});
      return;
    }
    const aws::FunctionUrlConfiguration after{
        .auth_type = wanted->auth == WantedUrl::Auth::none ? "NONE" : "AWS_IAM",
        .invoke_mode = wanted->mode == WantedUrl::Mode::buffered ? "BUFFERED" : "RESPONSE_STREAM"};
    Changes changes;
    add_if_other(changes, "url", deployed_.url ? url_text(*deployed_.url) : "", url_text(after));
    for (const auto id : {kUrlStatement, kUrlInvokeStatement}) {
      const bool is_there = std::ranges::find(deployed_.permissions, id) != deployed_.permissions.end();
      const bool is_wanted = wanted->auth == WantedUrl::Auth::none;
      if (is_there == is_wanted) continue;
      changes.push_back({fmt::format("permission {}", id), is_there ? "everybody" : "", is_wanted ? "everybody" : ""});
    }
    add_unless_empty(StepKind::set_url, std::move(changes));
  }

  bool runs_something_new() const {
    return plan_.has(StepKind::move_alias) || plan_.has(StepKind::create_function) ||
           plan_.has(StepKind::update_code) || plan_.has(StepKind::update_configuration);
  }

  const DesiredFunction& desired_;
  const DeployedFunction& deployed_;
  const ZipFacts& zip_;
  std::string_view region_;
  FunctionPlan plan_;
};

}  // namespace

std::string_view describe(StepKind kind) {
  return entry(kind).words;
}

std::string_view to_string(StepKind kind) {
  return entry(kind).name;
}

std::string_view to_string(FunctionPlan::Outcome outcome) {
  switch (outcome) {
    case FunctionPlan::Outcome::create: return "create";
    case FunctionPlan::Outcome::change: return "change";
    case FunctionPlan::Outcome::unchanged: return "unchanged";
  }
  throw std::logic_error("unknown outcome");
}

bool FunctionPlan::has(StepKind kind) const {
  return std::ranges::find(steps, kind, &Step::kind) != steps.end();
}

std::map<std::string, std::string> planned_environment(const DesiredFunction& desired,
                                                       const DeployedFunction& deployed) {
  auto environment = desired.environment;
  if (desired.merge_environment && deployed.function) {
    const auto& there = deployed.function->configuration.environment;
    environment.insert(there.begin(), there.end());
  }
  return environment;
}

FunctionPlan make_plan(const DesiredFunction& desired, const DeployedFunction& deployed, const ZipFacts& zip,
                       std::string_view region) {
  return Planner(desired, deployed, zip, region).make();
}

}  // namespace creel::deploy

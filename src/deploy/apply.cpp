#include "deploy/apply.h"

#include <algorithm>

#include <fmt/format.h>

#include "aws/retry.h"
#include "base/failure.h"
#include "deploy/role_policy.h"
#include "deploy/smoke.h"

namespace creel::deploy {
namespace {

constexpr auto kUnknownRole = "arn:aws:iam::123456789012:role/";

/// Lambda says in no other way that it cannot take a role on that was made a moment ago.
bool says_role_is_not_ready(const aws::ServiceError& error) {
  return error.fault().code == "InvalidParameterValueException" &&
         error.fault().message.find("cannot be assumed") != std::string::npos;
}

bool says_update_is_under_way(const aws::ServiceError& error) {
  return error.fault().code == "ResourceConflictException";
}

/// The times of the looks at something that takes a while.
class Looks {
 public:
  Looks(const Clock& clock, std::chrono::milliseconds within, const ApplyOptions& options)
      : clock_(clock), end_(clock.steady_now() + within), wait_(options.first_look), longest_(options.longest_look) {}

  bool are_over() const { return clock_.steady_now() + wait_ > end_; }

  std::chrono::milliseconds next() {
    const auto wait = wait_;
    wait_ = std::min(longest_, wait_ + wait_ / 2 + std::chrono::milliseconds(1));
    return wait;
  }

 private:
  const Clock& clock_;
  SteadyTime end_;
  std::chrono::milliseconds wait_;
  std::chrono::milliseconds longest_;
};

}  // namespace

Readiness readiness_of(const aws::FunctionConfiguration& configuration) {
  using Word = Readiness::Word;
  const auto reason = [](const std::string& text) { return text.empty() ? std::string("no reason given") : text; };
  if (configuration.state == "Failed") return {Word::failed, reason(configuration.state_reason)};
  if (configuration.last_update_status == "Failed") return {Word::failed, reason(configuration.last_update_reason)};
  if (configuration.state == "Pending") return {Word::waiting};
  if (configuration.last_update_status == "InProgress") return {Word::waiting};
  return {Word::ready};
}

/// One plan on its way.
struct Applier::Job {
  DesiredFunction desired;
  DeployedFunction deployed;
  FunctionPlan plan;
  const DeployZip* zip;
  std::string region;
  /// Of the function's role, once it is known.
  std::string role_arn{};
  bool role_is_new = false;
  std::string new_version{};
  FunctionResult result{};

  aws::FunctionSettings settings() const {
    aws::FunctionSettings settings{.runtime = desired.runtime,
                                   .handler = desired.handler,
                                   .role = role_arn,
                                   .memory_mb = desired.memory_mb,
                                   .timeout_seconds = desired.timeout_seconds,
                                   .environment = planned_environment(desired, deployed)};
    if (deployed.function) {
      settings.description = deployed.function->configuration.description;
      settings.ephemeral_storage_mb = deployed.function->configuration.ephemeral_storage_mb;
    }
    if (desired.description) settings.description = *desired.description;
    if (desired.ephemeral_storage_mb) settings.ephemeral_storage_mb = *desired.ephemeral_storage_mb;
    return settings;
  }
};

Task<FunctionResult> Applier::apply(DesiredFunction desired, DeployedFunction deployed, FunctionPlan plan,
                                    const DeployZip* zip, std::string region) {
  Job job{std::move(desired), std::move(deployed), std::move(plan), zip, std::move(region)};
  job.result = {.name = job.desired.name, .alias = job.desired.alias};
  if (const auto* arn = std::get_if<RoleArn>(&job.desired.role)) {
    job.role_arn = arn->arn;
  } else if (job.deployed.role) {
    job.role_arn = job.deployed.role->arn;
  } else if (!job.deployed.has_iam) {
    job.role_arn = kUnknownRole + own_role_of(job.desired, job.region);
  }
  if (job.deployed.function) job.result.arn = job.deployed.function->configuration.arn;
  if (job.deployed.alias) job.result.version = job.deployed.alias->version;
  if (job.deployed.url) job.result.url = job.deployed.url->url;

  for (const auto& step : job.plan.steps) {
    listener_.begun(job.desired.name, step.kind);
    const auto detail = co_await carry_out(&job, &step);
    listener_.done(job.desired.name, step.kind, detail);
  }
  co_return job.result;
}

Task<std::string> Applier::carry_out(Job* job, const Step* step) {
  const auto& name = job->desired.name;
  switch (step->kind) {
    case StepKind::create_role: co_return co_await create_role(job);
    case StepKind::put_role_policy:
      co_await services_.iam.put_role_policy(
          own_role_of(job->desired, job->region), role_policy_name(job->desired.name),
          role_policy(job->desired, std::get<OwnRole>(job->desired.role), job->region));
      co_return "";
    case StepKind::create_log_group: co_await services_.logs.create_group(job->desired.log_group()); co_return "";
    case StepKind::set_log_retention:
      co_await services_.logs.put_retention(job->desired.log_group(), *job->desired.log_retention_days);
      co_return "";
    case StepKind::create_function: co_return co_await create_function(job);
    case StepKind::update_code: co_return co_await update_code(job);
    case StepKind::update_configuration: co_return co_await update_configuration(job);
    case StepKind::set_tags: co_return co_await set_tags(job);
    case StepKind::set_concurrency: co_return co_await set_concurrency(job);
    case StepKind::publish_version: co_return co_await publish_version(job);
    case StepKind::move_alias: co_return co_await move_alias(job);
    case StepKind::set_url: co_return co_await set_url(job);
    case StepKind::remove_url:
      co_await services_.lambda.delete_url(name, job->desired.alias);
      for (const auto id : {kUrlStatement, kUrlInvokeStatement}) {
        co_await services_.lambda.remove_permission(name, job->desired.alias, std::string(id));
      }
      job->result.url.clear();
      co_return "";
    case StepKind::smoke_test: co_return co_await smoke_test(job);
  }
  throw std::logic_error("unknown step");
}

Task<std::string> Applier::create_role(Job* job) {
  const auto name = own_role_of(job->desired, job->region);
  std::optional<aws::IamRole> role;
  try {
    role = co_await services_.iam.create_role(
        {.name = name, .trust_policy = trust_policy(), .description = "What functions made by creel deploy may do"});
  } catch (const aws::ServiceError& error) {
    // Another function of the same file has this role too.
    if (error.fault().code != "EntityAlreadyExists") throw;
  }
  if (!role) role = co_await services_.iam.get_role(name);
  if (!role) throw Failure(FailureKind::not_found, fmt::format("the role {} is there and cannot be found", name));
  job->role_arn = role->arn;
  job->role_is_new = true;
  co_return role->arn;
}

Task<std::string> Applier::create_function(Job* job) {
  aws::NewFunction function{.name = job->desired.name,
                            .architecture = job->desired.architecture,
                            .settings = job->settings(),
                            .code = co_await upload_.place(job->zip),
                            .tags = job->desired.tags.value_or(std::map<std::string, std::string>())};
  const auto created =
      co_await with_role(job, [this, &function] { return services_.lambda.create_function(function); });
  job->result.arn = created.arn;
  co_await wait_until_ready(job->desired.name);
  co_return created.arn;
}

Task<std::string> Applier::update_code(Job* job) {
  const auto code = co_await upload_.place(job->zip);
  co_await change(job, [this, job, &code] {
    return services_.lambda.update_code(job->desired.name, code, job->desired.architecture);
  });
  co_await wait_until_ready(job->desired.name);
  co_return job->zip->facts.code_sha256;
}

Task<std::string> Applier::update_configuration(Job* job) {
  const auto settings = job->settings();
  co_await with_role(
      job, [this, job, &settings] { return services_.lambda.update_configuration(job->desired.name, settings); });
  co_await wait_until_ready(job->desired.name);
  co_return "";
}

Task<std::string> Applier::set_tags(Job* job) {
  const auto& before = job->deployed.function->tags;
  const auto& wanted = *job->desired.tags;
  std::map<std::string, std::string> added;
  std::vector<std::string> removed;
  for (const auto& [key, value] : wanted) {
    const auto old = before.find(key);
    if (old == before.end() || old->second != value) added[key] = value;
  }
  for (const auto& [key, value] : before) {
    if (!key.starts_with("aws:") && !wanted.contains(key)) removed.push_back(key);
  }
  if (!removed.empty()) co_await services_.lambda.untag(job->result.arn, removed);
  if (!added.empty()) co_await services_.lambda.tag(job->result.arn, added);
  co_return "";
}

Task<std::string> Applier::set_concurrency(Job* job) {
  if (const auto* reserved = std::get_if<int>(&*job->desired.reserved_concurrency)) {
    co_await services_.lambda.put_concurrency(job->desired.name, *reserved);
  } else {
    co_await services_.lambda.delete_concurrency(job->desired.name);
  }
  co_return "";
}

Task<std::string> Applier::publish_version(Job* job) {
  const auto published = co_await change(
      job, [this, job] { return services_.lambda.publish_version(job->desired.name, job->zip->facts.code_sha256); });
  job->new_version = published.version;
  co_await wait_until_ready(job->desired.name + ":" + published.version);
  co_return "version " + published.version;
}

Task<std::string> Applier::move_alias(Job* job) {
  const auto& [name, alias] = std::pair(job->desired.name, job->desired.alias);
  if (job->deployed.alias) {
    co_await services_.lambda.update_alias(name, alias, job->new_version);
  } else {
    co_await services_.lambda.create_alias(name, alias, job->new_version);
  }
  job->result.version = job->new_version;
  co_return fmt::format("{} -> version {}", alias, job->new_version);
}

Task<std::string> Applier::set_url(Job* job) {
  const auto& wanted = std::get<WantedUrl>(*job->desired.url);
  const bool is_public = wanted.auth == WantedUrl::Auth::none;
  const aws::FunctionUrlConfiguration settings{
      .url = {},
      .auth_type = is_public ? "NONE" : "AWS_IAM",
      .invoke_mode = wanted.mode == WantedUrl::Mode::buffered ? "BUFFERED" : "RESPONSE_STREAM"};
  const auto& name = job->desired.name;
  const auto& alias = job->desired.alias;
  // Nobody is let in before the address is what it is to be, and nobody stays who was let in before.
  for (const auto id : {kUrlStatement, kUrlInvokeStatement}) {
    const auto& there = job->deployed.permissions;
    const bool is_there = std::ranges::find(there, id) != there.end();
    if (!is_public && is_there) co_await services_.lambda.remove_permission(name, alias, std::string(id));
  }
  if (job->deployed.url) {
    const auto url = co_await services_.lambda.update_url(name, alias, settings);
    job->result.url = url.url;
  } else {
    const auto url = co_await services_.lambda.create_url(name, alias, settings);
    job->result.url = url.url;
  }
  if (is_public) {
    co_await services_.lambda.add_permission(name, alias,
                                             {.statement_id = std::string(kUrlStatement),
                                              .action = "lambda:InvokeFunctionUrl",
                                              .principal = "*",
                                              .url_auth_type = "NONE"});
    co_await services_.lambda.add_permission(name, alias,
                                             {.statement_id = std::string(kUrlInvokeStatement),
                                              .action = "lambda:InvokeFunction",
                                              .principal = "*",
                                              .via_url_only = true});
  }
  co_return job->result.url;
}

Task<std::string> Applier::smoke_test(Job* job) {
  const auto verdict =
      co_await run_smoke_test(services_.invoker, job->desired, clock_.steady_now() + options_.smoke_within);
  if (verdict.passed) co_return verdict.text;
  co_await move_back(job, verdict.text);
  co_return "";
}

/// @throws Failure function_error  always
Task<void> Applier::move_back(Job* job, std::string why) {
  const auto& desired = job->desired;
  auto text = fmt::format("the smoke test of {} failed: {}", desired.name, why);
  if (desired.alias.empty()) throw Failure(FailureKind::function_error, text);
  if (job->new_version.empty() || !job->deployed.alias) {
    text += fmt::format("; there is no version before it, so that the alias {} stays", desired.alias);
    throw Failure(FailureKind::function_error, text);
  }
  const auto before = job->deployed.alias->version;
  co_await services_.lambda.update_alias(desired.name, desired.alias, before);
  throw Failure(FailureKind::function_error,
                fmt::format("{}; the alias {} is back at version {}", text, desired.alias, before));
}

Task<void> Applier::wait_until_ready(std::string function) {
  // "NAME" or "NAME:VERSION"
  const auto colon = function.find(':');
  const auto name = function.substr(0, colon);
  const auto version = colon == std::string::npos ? std::string() : function.substr(colon + 1);
  Looks looks(clock_, options_.ready_within, options_);
  for (bool told = false;; told = true) {
    const auto configuration = co_await services_.lambda.get_configuration(name, version);
    const auto readiness = configuration ? readiness_of(*configuration) : Readiness{Readiness::Word::waiting};
    if (readiness.word == Readiness::Word::ready) co_return;
    if (readiness.word == Readiness::Word::failed) {
      throw Failure(FailureKind::function_error, fmt::format("{} has failed: {}", function, readiness.reason));
    }
    if (looks.are_over()) {
      throw Failure(FailureKind::function_timeout,
                    fmt::format("{} is still not ready: look at its state, and run this again", function));
    }
    if (!told) listener_.waits(name, "until it is ready");
    co_await aws::sleep_for(looks.next());
  }
}

template <class Change>
Task<aws::FunctionConfiguration> Applier::change(Job* job, Change make_change) {
  Looks looks(clock_, options_.ready_within, options_);
  for (;;) {
    try {
      co_return co_await make_change();
    } catch (const aws::ServiceError& error) {
      if (!says_update_is_under_way(error) || looks.are_over()) throw;
    }
    listener_.waits(job->desired.name, "until another update is over");
    co_await aws::sleep_for(looks.next());
  }
}

template <class Change>
Task<aws::FunctionConfiguration> Applier::with_role(Job* job, Change make_change) {
  Looks looks(clock_, job->role_is_new ? options_.new_role_within : options_.role_within, options_);
  for (bool told = false;; told = true) {
    try {
      co_return co_await make_change();
    } catch (const aws::ServiceError& error) {
      const bool may_pass =
          says_role_is_not_ready(error) || (job->deployed.function.has_value() && says_update_is_under_way(error));
      if (!may_pass || looks.are_over()) throw;
    }
    if (!told) listener_.waits(job->desired.name, "until Lambda can take on its role");
    co_await aws::sleep_for(looks.next());
  }
}

}  // namespace creel::deploy

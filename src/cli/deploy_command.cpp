#include "cli/deploy_command.h"

#include <cstdio>
#include <iostream>
#include <map>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include "aws/iam_client.h"
#include "aws/lambda_control.h"
#include "aws/logs_client.h"
#include "aws/s3_client.h"
#include "cli/aws_session.h"
#include "cli/deploy_options.h"
#include "cli/own_function.h"
#include "deploy/apply.h"
#include "deploy/plan_text.h"
#include "deploy/preflight.h"
#include "deploy/rollback.h"

namespace creel {
namespace asio = boost::asio;
namespace json = boost::json;
namespace {

/// Says on standard error what goes on.
class StepPrinter final : public deploy::StepListener {
 public:
  void begun(const std::string& function, deploy::StepKind kind) override {
    fmt::print(stderr, "{}: {} ...\n", function, deploy::describe(kind));
  }
  void done(const std::string& function, deploy::StepKind kind, const std::string& detail) override {
    fmt::print(stderr, "{}: {}: {}\n", function, deploy::describe(kind), detail.empty() ? "done" : detail);
  }
  void waits(const std::string& function, std::string_view what_for) override {
    fmt::print(stderr, "{}: waiting {}\n", function, what_for);
  }
};

aws::S3Options s3_options(const AwsSession& session) {
  return {.endpoint_url = session.endpoint_url("S3"),
          .region = session.region(),
          .ca_file = session.lambda_options().ca_file,
          .user_agent = session.lambda_options().user_agent};
}

aws::S3Context s3_context(AwsSession& session, const Clock& clock) {
  return {session.http(), session.credentials(), session.quota(), clock, system_random()};
}

/// The question on a terminal. @throws Failure bad_request  there is no terminal to ask on
bool is_confirmed(std::string_view question) {
  if (isatty(STDIN_FILENO) == 0) {
    throw Failure(FailureKind::bad_request, "this changes what is deployed: say --yes if it is to be done");
  }
  fmt::print(stderr, "{} [y/N] ", question);
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "Y" || answer == "yes";
}

/// One run of the command. Threads: the main loop.
class DeployRun {
 public:
  DeployRun(const DeployOptions& options, const aws::Environment& environment)
      : options_(options),
        config_(load_config(options)),
        session_(loop_.get_executor(), aws_flags(options, config_, environment), environment, resolver_, clock_,
                 make_log(LogFormat::text, "warn")),
        lambda_(session_.context(), session_.lambda_options()),
        invoker_(session_.context(), session_.lambda_options()),
        iam_(session_.context(), session_.region(), session_.endpoint_url("IAM")),
        logs_(session_.context(), session_.region(), session_.endpoint_url("CLOUDWATCH_LOGS")),
        s3_(s3_context(session_, clock_), s3_options(session_)),
        upload_(config_.s3_bucket.empty() ? nullptr : &s3_, config_.s3_bucket) {}

  int run() {
    asio::co_spawn(loop_, options_.rollback ? roll_back() : deploy(),
                   [this](const std::exception_ptr& failure, int code) {
                     failure_ = failure;
                     code_ = code;
                     loop_.stop();
                   });
    loop_.run();
    if (failure_) std::rethrow_exception(failure_);
    return code_;
  }

 private:
  Task<int> deploy();
  Task<int> roll_back();
  Task<void> make_plans();
  void read_zips();
  void check_zip(const deploy::DesiredFunction& function, const deploy::DeployZip& zip) const;
  void print_results(const std::vector<deploy::FunctionResult>& results) const;
  std::string where() const { return lambda_.endpoint().name(); }
  deploy::DeployServices services() { return {lambda_, invoker_, iam_, logs_}; }

  const DeployOptions& options_;
  const deploy::DeployConfig config_;
  const SystemClock clock_;
  asio::io_context loop_{1};
  Resolver resolver_{clock_, system_lookup};
  AwsSession session_;
  aws::LambdaControl lambda_;
  aws::LambdaClient invoker_;
  aws::IamClient iam_;
  aws::LogsClient logs_;
  aws::S3Client s3_;
  deploy::ZipUpload upload_;
  StepPrinter printer_;

  /// By path: several functions may share one.
  std::map<std::string, deploy::DeployZip> zips_;
  std::vector<deploy::DeployedFunction> deployed_;
  std::vector<deploy::FunctionPlan> plans_;
  std::exception_ptr failure_;
  int code_ = 1;
};

Task<int> DeployRun::deploy() {
  read_zips();
  co_await make_plans();
  if (options_.plan_only) {
    fmt::print("{}{}", options_.json ? deploy::plan_json(plans_, where()) : deploy::plan_text(plans_, where()),
               options_.json ? "\n" : "");
    co_return 0;
  }
  fmt::print(stderr, "{}\n", deploy::plan_text(plans_, where()));
  if (deploy::changes_something(plans_) && !options_.yes && !is_confirmed("Do this?")) {
    fmt::print(stderr, "creel: nothing was changed\n");
    co_return 1;
  }
  deploy::Applier applier(services(), upload_, printer_, clock_, {.ready_within = options_.ready_within});
  std::vector<deploy::FunctionResult> results;
  for (std::size_t i = 0; i < plans_.size(); ++i) {
    const auto& function = config_.functions[i];
    results.push_back(
        co_await applier.apply(function, deployed_[i], plans_[i], &zips_.at(function.zip.string()), session_.region()));
  }
  print_results(results);
  co_return 0;
}

void DeployRun::read_zips() {
  for (const auto& function : config_.functions) {
    const auto path = function.zip.string();
    if (!zips_.contains(path)) {
      zips_.emplace(path, path.empty() ? deploy::DeployZip::of(deploy::make_package(own_function()).zip)
                                       : deploy::DeployZip::read(path));
    }
    check_zip(function, zips_.at(path));
  }
}

/// What would keep the function from starting is said before anything is changed.
void DeployRun::check_zip(const deploy::DesiredFunction& function, const deploy::DeployZip& zip) const {
  const auto report = deploy::preflight_zip(zip.bytes, {.runtime = deploy::find_runtime(function.runtime),
                                                        .architecture = deploy::architecture(function.architecture)});
  for (const auto& finding : report.findings) {
    // Whether there is a bucket for a zip that is too large for a call is checked when it is uploaded.
    const bool is_for_bucket = finding.check == "size" && deploy::needs_bucket(zip.facts) && !config_.s3_bucket.empty();
    const auto zip_name = function.zip.empty() ? "creel's own function" : function.zip.string();
    const auto file = finding.file.empty() ? zip_name : finding.file;
    const auto text = fmt::format("{}: {}: {}", function.name, file, finding.message);
    const bool is_refused = finding.severity == deploy::Severity::error && !is_for_bucket && !options_.force;
    if (is_refused) throw Failure(FailureKind::bad_request, text + "; --force deploys it all the same");
    fmt::print(stderr, "creel: {}: {}\n", deploy::to_string(deploy::Severity::warning), text);
  }
}

Task<void> DeployRun::make_plans() {
  for (const auto& function : config_.functions) {
    deployed_.push_back(co_await deploy::observe(services(), function, session_.region()));
    plans_.push_back(
        deploy::make_plan(function, deployed_.back(), zips_.at(function.zip.string()).facts, session_.region()));
  }
}

void DeployRun::print_results(const std::vector<deploy::FunctionResult>& results) const {
  json::array functions;
  for (std::size_t i = 0; i < results.size(); ++i) {
    const auto& result = results[i];
    const auto outcome = deploy::to_string(plans_[i].outcome);
    if (options_.json) {
      functions.push_back(json::object{{"name", result.name},
                                       {"action", outcome},
                                       {"arn", result.arn},
                                       {"alias", result.alias},
                                       {"version", result.version},
                                       {"url", result.url}});
      continue;
    }
    auto text =
        fmt::format("{}: {}", result.name,
                    plans_[i].outcome == deploy::FunctionPlan::Outcome::unchanged ? "unchanged, nothing was uploaded"
                                                                                  : std::string(outcome) + "d");
    if (!result.version.empty()) text += fmt::format(", {} is version {}", result.alias, result.version);
    if (!result.url.empty()) text += ", " + result.url;
    fmt::print("{}\n", text);
  }
  if (options_.json) {
    fmt::print("{}\n", json::serialize(json::object{{"where", where()}, {"functions", std::move(functions)}}));
  }
}

Task<int> DeployRun::roll_back() {
  std::vector<deploy::Rollback> rollbacks;
  for (const auto& function : config_.functions) {
    rollbacks.push_back(co_await deploy::plan_rollback(lambda_, function));
    const auto& back = rollbacks.back();
    fmt::print(stderr, "{}: alias {}: version {} -> {}\n", back.function, back.alias, back.from, back.to);
  }
  if (!options_.plan_only && !options_.yes && !is_confirmed("Go back?")) {
    fmt::print(stderr, "creel: nothing was changed\n");
    co_return 1;
  }
  json::array functions;
  for (const auto& back : rollbacks) {
    if (!options_.plan_only) co_await lambda_.update_alias(back.function, back.alias, back.to);
    functions.push_back(
        json::object{{"name", back.function}, {"alias", back.alias}, {"before", back.from}, {"after", back.to}});
    if (!options_.json) {
      fmt::print("{}: {} {} version {}\n", back.function, back.alias, options_.plan_only ? "would be" : "is", back.to);
    }
  }
  if (options_.json) {
    fmt::print("{}\n", json::serialize(json::object{{"where", where()}, {"functions", std::move(functions)}}));
  }
  co_return 0;
}

}  // namespace

Command add_deploy_command(CLI::App& program, const aws::Environment& environment) {
  auto* flags = program.add_subcommand("deploy", "Create or update the functions that creel.toml describes");
  auto options = std::make_shared<DeployOptions>();
  add_deploy_flags(*flags, *options);
  return {flags, [options, &environment] { return DeployRun(*options, environment).run(); }};
}

}  // namespace creel

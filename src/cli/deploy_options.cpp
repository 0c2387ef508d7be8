#include "cli/deploy_options.h"

#include <algorithm>

#include "cli/flags.h"

namespace creel {

void add_deploy_flags(CLI::App& command, DeployOptions& options) {
  command.add_option("--config", options.config, "File with the [[function]] tables")
      ->type_name("FILE")
      ->capture_default_str();
  command.add_option("--function", options.functions, "Only this function of the file; may be given again")
      ->type_name("NAME");
  command.add_option("--zip", options.zip, "The functions' zip")
      ->type_name("FILE")
      ->default_str("creel's own function");
  auto* plan = command.add_flag("--plan", options.plan_only, "Only show what would change");
  command.add_flag("--yes", options.yes, "Do not ask before it is done");
  command.add_flag("--rollback", options.rollback, "Move the aliases back to the version before");
  command.add_flag("--json", options.json, "Print the plan, or what became of it, as one JSON object");
  command.add_flag("--no-smoke", options.no_smoke, "Do not try the new version out")->excludes(plan);
  command.add_flag("--force", options.force, "Deploy a zip in which the check finds errors");
  command.add_option("--s3-bucket", options.s3_bucket, "Bucket that a zip of more than 50 MB goes through")
      ->type_name("BUCKET");
  add_duration(command, "--ready-within", options.ready_within, "5m", "How long a function may take to be ready");
  command.add_option("--region", options.aws.region, "Region of the functions")->type_name("REGION");
  command.add_option("--profile", options.aws.profile, "Profile of the shared AWS files")->type_name("NAME");
  command
      .add_option("--endpoint-url", options.aws.endpoint_url,
                  "Where the services are, if not at AWS: http://localhost:9000 for `creel emulate`")
      ->check(is_web_address)
      ->type_name("URL");
  command.footer(
      "creel deploy --plan          what would change\n"
      "creel deploy --yes           change it, publish a version, move the alias, try it out\n"
      "creel deploy --rollback      back to the version before\n"
      "Ends with 0 if all is as the file says, 1 if something failed, 2 if the file or the command is wrong.");
}

deploy::DeployConfig load_config(const DeployOptions& options) {
  auto config = deploy::load_deploy_config(options.config);
  for (const auto& name : options.functions) {
    if (std::ranges::find(config.functions, name, &deploy::DesiredFunction::name) == config.functions.end()) {
      throw Failure(FailureKind::bad_request, fmt::format("{}: there is no function '{}'", options.config, name));
    }
  }
  if (!options.functions.empty()) {
    std::erase_if(config.functions, [&options](const deploy::DesiredFunction& function) {
      return std::ranges::find(options.functions, function.name) == options.functions.end();
    });
  }
  for (auto& function : config.functions) {
    if (!options.zip.empty()) function.zip = options.zip;
    if (options.no_smoke) function.smoke = {.kind = deploy::SmokeTest::Kind::none};
  }
  if (!options.s3_bucket.empty()) config.s3_bucket = options.s3_bucket;
  return config;
}

aws::AwsFlags aws_flags(const DeployOptions& options, const deploy::DeployConfig& config,
                        const aws::Environment& environment) {
  auto flags = options.aws;
  if (flags.region.empty() && !environment.find("AWS_REGION") && !environment.find("AWS_DEFAULT_REGION")) {
    flags.region = config.region;
  }
  if (flags.profile.empty() && !environment.find("AWS_PROFILE") && !environment.find("AWS_ACCESS_KEY_ID")) {
    flags.profile = config.profile;
  }
  return flags;
}

}  // namespace creel

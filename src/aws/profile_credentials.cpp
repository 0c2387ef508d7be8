#include "aws/profile_credentials.h"

#include <algorithm>
#include <charconv>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include "aws/command_line.h"
#include "aws/container_credentials.h"
#include "aws/credentials_json.h"
#include "aws/environment_credentials.h"
#include "aws/instance_credentials.h"
#include "aws/process.h"
#include "aws/settings.h"
#include "aws/sts_client.h"
#include "aws/web_identity_credentials.h"

namespace creel::aws {
namespace {

[[noreturn]] void refuse(const Profile& profile, std::string_view reason) {
  throw Failure(FailureKind::bad_auth, fmt::format("profile '{}' {}", profile.name, reason));
}

std::optional<Credentials> keys_of(const Profile& profile) {
  const auto id = profile.find("aws_access_key_id");
  const auto secret = profile.find("aws_secret_access_key");
  if (!id && !secret) return std::nullopt;
  if (!id) refuse(profile, "has an aws_secret_access_key, but no aws_access_key_id");
  if (!secret) refuse(profile, "has an aws_access_key_id, but no aws_secret_access_key");
  return Credentials{.access_key_id = *id,
                     .secret_access_key = Secret(*secret),
                     .session_token = Secret(profile.find("aws_session_token").value_or(""))};
}

std::chrono::seconds duration_of(const Profile& profile) {
  const auto text = profile.find("duration_seconds").value_or("0");
  int seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc{} || end != text.data() + text.size())
    refuse(profile, "has a duration_seconds that is no number");
  return std::chrono::seconds(seconds);
}

std::unique_ptr<CredentialsSource> named_source(const CredentialsContext& context, const Profile& profile,
                                                std::string_view name) {
  if (name == "Environment") return std::make_unique<EnvironmentCredentials>(context);
  if (name == "EcsContainer") return std::make_unique<ContainerCredentials>(context);
  if (name == "Ec2InstanceMetadata") return std::make_unique<InstanceCredentials>(context);
  refuse(profile,
         "has a credential_source that is none of Environment, "
         "EcsContainer, Ec2InstanceMetadata");
}

Credentials found_or_refuse(CredentialsSearch search, const Profile& profile, std::string_view where) {
  if (const auto* nothing = std::get_if<NothingFound>(&search)) {
    refuse(profile, fmt::format("takes its role on with credentials from {}: {}", where, nothing->reason));
  }
  return std::get<Credentials>(std::move(search));
}

/// Runs on a thread that may block.
Task<std::string> run_blocking(std::vector<std::string> words) {
  co_return run_process(words, {});
}

}  // namespace

Task<CredentialsSearch> ProfileCredentials::find() {
  auto config = SharedConfig::load(context_.environment);
  const auto chosen = chosen_profile(profile_flag_, context_.environment);
  auto profile = config.find(chosen.value_or("default"));
  if (!profile && chosen) config.refuse_profile(*chosen);
  if (!profile) co_return NothingFound{fmt::format("there is no profile 'default' in {}", config.files())};
  co_return co_await from_profile(std::move(config), std::move(*profile), {});
}

Task<CredentialsSearch> ProfileCredentials::from_profile(SharedConfig config, Profile profile,
                                                         std::vector<std::string> used) {
  const auto role = profile.find("role_arn");
  if (role && (profile.find("source_profile") || profile.find("credential_source"))) {
    co_return co_await from_role(std::move(config), std::move(profile), std::move(used));
  }
  if (const auto token_file = profile.find("web_identity_token_file"); role && token_file) {
    co_return co_await assume_web_identity(context_, {.token_file = *token_file,
                                                      .role_arn = *role,
                                                      .session_name = profile.find("role_session_name").value_or(""),
                                                      .region = region_or_default(context_.environment, profile)});
  }
  if (auto keys = keys_of(profile)) co_return std::move(*keys);
  if (profile.find("credential_process")) co_return co_await from_process(std::move(profile));

  std::string reason = fmt::format("profile '{}' in {} has no credentials", profile.name, config.files());
  if (profile.find("sso_session") || profile.find("sso_start_url")) {
    reason += fmt::format(
        " of its own: it signs in through IAM Identity "
        "Center. Give creel a profile with"
        " 'credential_process = aws configure "
        "export-credentials --profile {} --format process'",
        profile.name);
  }
  co_return NothingFound{std::move(reason)};
}

Task<Credentials> ProfileCredentials::from_role(SharedConfig config, Profile profile, std::vector<std::string> used) {
  if (profile.find("mfa_serial")) refuse(profile, "asks for a one-time code (mfa_serial), which creel cannot give");
  RoleRequest role{.role_arn = profile.find("role_arn").value_or(""),
                   .session_name = profile.find("role_session_name").value_or(made_up_session_name(context_.clock)),
                   .external_id = profile.find("external_id").value_or(""),
                   .duration = duration_of(profile)};
  StsClient sts(context_, region_or_default(context_.environment, profile));
  auto caller = co_await role_caller(std::move(config), std::move(profile), std::move(used));
  co_return co_await sts.assume_role(std::move(role), std::move(caller));
}

/// The credentials with which a role is asked for.
Task<Credentials> ProfileCredentials::role_caller(SharedConfig config, Profile profile, std::vector<std::string> used) {
  if (const auto source = profile.find("credential_source")) {
    const auto search = named_source(context_, profile, *source);
    co_return found_or_refuse(co_await search->find(), profile, *source);
  }
  const auto source_name = profile.find("source_profile").value_or("");
  auto source = config.find(source_name);
  if (!source) config.refuse_profile(source_name);
  if (source_name == profile.name) {
    auto keys = keys_of(profile);
    if (!keys) refuse(profile, "names itself as source_profile, but has no keys");
    co_return std::move(*keys);
  }
  used.push_back(profile.name);
  if (std::ranges::find(used, source_name) != used.end()) refuse(profile, "is in a circle of source_profile");
  auto search = co_await from_profile(std::move(config), std::move(*source), std::move(used));
  co_return found_or_refuse(std::move(search), profile, source_name);
}

Task<Credentials> ProfileCredentials::from_process(Profile profile) {
  std::string problem;
  try {
    const auto words = split_command(profile.find("credential_process").value_or(""));
    const auto output =
        co_await boost::asio::co_spawn(context_.threads, run_blocking(words), boost::asio::use_awaitable);
    co_return parse_process_credentials(output);
  } catch (const Failure& failure) {
    problem = failure.what();
  }
  refuse(profile, fmt::format("has a credential_process that gave no credentials: {}", problem));
}

}  // namespace creel::aws

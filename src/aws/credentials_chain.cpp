#include "aws/credentials_chain.h"

#include <fmt/format.h>

#include "aws/caching_credentials.h"
#include "aws/container_credentials.h"
#include "aws/environment_credentials.h"
#include "aws/instance_credentials.h"
#include "aws/profile_credentials.h"
#include "aws/web_identity_credentials.h"

namespace creel::aws {
namespace {

Task<CredentialsSearch> find_in(CredentialsSource& source) {
  try {
    co_return co_await source.find();
  } catch (const Failure& failure) {
    throw Failure(FailureKind::bad_auth, fmt::format("AWS credentials from {}: {}", source.name(), failure.what()));
  }
}

}  // namespace

Task<Credentials> CredentialsChain::get() {
  std::string looked_at;
  for (const auto& source : sources_) {
    auto search = co_await find_in(*source);
    if (auto* credentials = std::get_if<Credentials>(&search)) co_return std::move(*credentials);
    looked_at += fmt::format("\n  {}: {}", source->name(), std::get<NothingFound>(search).reason);
  }
  throw Failure(FailureKind::bad_auth, "found no AWS credentials. Looked at" + looked_at);
}

std::unique_ptr<CredentialsProvider> default_credentials(const CredentialsContext& context, const std::string& profile,
                                                         Log log) {
  std::vector<std::unique_ptr<CredentialsSource>> sources;
  if (profile.empty()) {
    sources.push_back(std::make_unique<EnvironmentCredentials>(context));
    sources.push_back(std::make_unique<WebIdentityCredentials>(context));
  }
  sources.push_back(std::make_unique<ProfileCredentials>(context, profile));
  sources.push_back(std::make_unique<ContainerCredentials>(context));
  sources.push_back(std::make_unique<InstanceCredentials>(context));
  return std::make_unique<CachingCredentials>(std::make_unique<CredentialsChain>(std::move(sources)), context.clock,
                                              std::move(log));
}

}  // namespace creel::aws

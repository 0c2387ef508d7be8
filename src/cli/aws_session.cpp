#include "cli/aws_session.h"

#include <filesystem>

#include <boost/asio/ip/address.hpp>

#include "aws/credentials_chain.h"
#include "base/failure.h"
#include "cli/process_environment.h"
#include "net/url.h"

namespace creel {
namespace {

aws::LambdaOptions lambda_options_of(const aws::AwsFlags& flags, const aws::Environment& environment) {
  const auto settings = aws::find_settings(flags, environment, "LAMBDA");
  return {.endpoint_url = settings.endpoint_url,
          .region = settings.region,
          .ca_file = settings.ca_file,
          .user_agent = user_agent()};
}

/// True for a service on this machine.
bool is_local(const std::string& endpoint_url) {
  if (endpoint_url.empty()) return false;
  const auto host = Url::parse(endpoint_url).host();
  if (host == "localhost" || host.ends_with(".localhost")) return true;
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(host, error);
  return !error && address.is_loopback();
}

bool names_credentials(const aws::AwsFlags& flags, const aws::Environment& environment) {
  if (!flags.profile.empty()) return true;
  for (const auto* variable : {"AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE",
                               "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_SHARED_CREDENTIALS_FILE"}) {
    if (environment.find(variable)) return true;
  }
  std::error_code error;
  return std::filesystem::exists(environment.home / ".aws" / "credentials", error);
}

/// An emulator on this machine takes any signature, so that who has no account can use it too.
class LocalCredentials final : public aws::CredentialsProvider {
 public:
  Task<aws::Credentials> get() override {
    co_return aws::Credentials{.access_key_id = "local", .secret_access_key = Secret("local")};
  }
};

std::unique_ptr<aws::CredentialsProvider> credentials_for(const aws::LambdaOptions& lambda, const aws::AwsFlags& flags,
                                                          const aws::CredentialsContext& context, Log log) {
  if (is_local(lambda.endpoint_url) && !names_credentials(flags, context.environment)) {
    return std::make_unique<LocalCredentials>();
  }
  return aws::default_credentials(context, flags.profile, std::move(log));
}

}  // namespace

AwsSession::AwsSession(const boost::asio::any_io_executor& executor, aws::AwsFlags flags,
                       const aws::Environment& environment, Resolver& resolver, const Clock& clock, Log log)
    : flags_(std::move(flags)),
      environment_(environment),
      clock_(clock),
      lambda_(lambda_options_of(flags_, environment)),
      http_(executor, aws::http_client_options(lambda_, proxies_from(environment)), resolver),
      credentials_context_{environment, http_, threads_, clock, system_random()},
      credentials_(credentials_for(lambda_, flags_, credentials_context_, std::move(log))) {}

AwsSession::~AwsSession() {
  threads_.join();
}

aws::ServiceContext AwsSession::context() {
  return {http_, *credentials_, quota_, clock_, system_random()};
}

std::string AwsSession::endpoint_url(std::string_view service) const {
  return aws::find_settings(flags_, environment_, service).endpoint_url;
}

}  // namespace creel

#pragma once

#include <memory>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>

#include "aws/credentials.h"
#include "aws/credentials_source.h"
#include "aws/environment.h"
#include "aws/lambda_client.h"
#include "aws/retry.h"
#include "aws/service_transport.h"
#include "aws/settings.h"
#include "base/clock.h"
#include "base/log.h"
#include "net/http_client.h"
#include "net/resolver.h"

namespace creel {

/// What the clients of Lambda and of the services around it stand on: settings, credentials and connections, from
/// flags and environment. Threads: its own event loop.
class AwsSession {
 public:
  /// @param environment, resolver, clock  must outlive it
  /// @throws Failure bad_auth | bad_url  the settings cannot work
  AwsSession(const boost::asio::any_io_executor& executor, aws::AwsFlags flags, const aws::Environment& environment,
             Resolver& resolver, const Clock& clock, Log log);
  ~AwsSession();
  AwsSession(const AwsSession&) = delete;
  AwsSession& operator=(const AwsSession&) = delete;

  /// For a client of Lambda or of a service like it, which this object must outlive.
  aws::ServiceContext context();
  const aws::LambdaOptions& lambda_options() const { return lambda_; }

  /// Where another service is, empty for AWS itself.
  /// @param service  as in the variable AWS_ENDPOINT_URL_<SERVICE>
  std::string endpoint_url(std::string_view service) const;

  const std::string& region() const { return lambda_.region; }
  aws::CredentialsProvider& credentials() { return *credentials_; }
  aws::RetryQuota& quota() { return quota_; }
  HttpClient& http() { return http_; }

 private:
  const aws::AwsFlags flags_;
  const aws::Environment& environment_;
  const Clock& clock_;
  const aws::LambdaOptions lambda_;
  HttpClient http_;
  boost::asio::thread_pool threads_{1};
  aws::CredentialsContext credentials_context_;
  std::unique_ptr<aws::CredentialsProvider> credentials_;
  aws::RetryQuota quota_;
};

}  // namespace creel

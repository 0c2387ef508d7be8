#pragma once

#include <chrono>
#include <string>

#include "aws/lambda_invoker.h"
#include "aws/service_transport.h"
#include "net/http_client.h"

namespace creel::aws {

/// How creel talks to Lambda, and to what speaks like it.
struct LambdaOptions {
  // What it does.

  /// "http://127.0.0.1:9000" of an emulator; empty for AWS itself.
  std::string endpoint_url;
  std::string region = "us-east-1";
  /// File of CA certificates to trust; the system's if empty.
  std::string ca_file;
  std::string user_agent = "creel";

  // How fast, and at whose cost.

  std::chrono::milliseconds connect_timeout{5'000};
  /// How long a call may wait for its answer that names no deadline: functions
  /// run for up to 15 minutes.
  std::chrono::milliseconds invoke_timeout{15 * 60'000 + 30'000};
  /// Connections that are kept while no call uses them.
  std::size_t max_idle_connections = 512;
  RetryOptions retry{};
};

/// The options of the HTTP client that calls of functions go over. A call is
/// silent for as long as its function works, so that only its deadline ends it;
/// hundreds of them may wait at a time, each with a connection of its own.
HttpClientOptions http_client_options(const LambdaOptions& options, ProxySettings proxies);

/// The options of calls to Lambda.
/// @throws Failure bad_url
ServiceOptions service_options(const LambdaOptions& options);

/// Calls functions over Lambda's Invoke API. Threads: its own event loop.
class LambdaClient final : public LambdaInvoker {
 public:
  /// @throws Failure bad_url
  LambdaClient(ServiceContext context, LambdaOptions options);

  /// @throws ServiceError  for what the service itself refuses, with a kind as
  /// `LambdaInvoker` has it
  Task<LambdaAnswer> invoke(LambdaInvocation invocation) override;

 private:
  const Clock& clock_;
  LambdaOptions options_;
  ServiceTransport transport_;
};

}  // namespace creel::aws

#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "aws/credentials.h"
#include "aws/http_answer.h"
#include "aws/retry.h"
#include "aws/service_clock.h"
#include "aws/service_endpoint.h"
#include "aws/service_error.h"
#include "aws/sigv4.h"
#include "base/backoff.h"
#include "base/clock.h"
#include "net/http_client.h"

namespace creel::aws {

/// What the client of a service works with. All of it must outlive the client.
struct ServiceContext {
  HttpClient& http;
  CredentialsProvider& credentials;
  /// Shared by all clients of one service in the process.
  RetryQuota& quota;
  const Clock& clock;
  Random random;
};

struct ServiceOptions {
  // What it does.

  /// As in the credential scope: "lambda", "iam", "logs".
  std::string signing_name;
  ServiceEndpoint endpoint;

  // How fast, and at whose cost.

  /// One try of one call.
  std::chrono::milliseconds request_timeout{60'000};
  /// All tries of one call and the waits between them.
  std::chrono::milliseconds execution_timeout{180'000};
  RetryOptions retry{};
};

/// One call to a service.
struct ServiceRequest {
  enum class Tries : std::uint8_t {
    /// Sent again where that may help.
    many,
    /// Sent once: what it does must not be done twice. It is sent again only if
    /// the service refused its signature.
    one,
  };

  /// For messages: "GetFunction of cats".
  std::string action;
  HttpMethod method = HttpMethod::get;
  /// Not encoded.
  std::vector<std::string> path{};
  QueryParameters query{};
  HttpHeaders headers{};
  /// Must outlive the call.
  std::string_view body{};
  Tries tries = Tries::many;
  SteadyTime deadline = SteadyTime::max();
  /// For one try, where that of the options is too short: what it sends is large.
  std::chrono::milliseconds timeout{0};
  std::size_t max_answer_bytes = 8 << 20;
};

/// Signs and sends calls to a service of AWS, and tries again where that may
/// help. It remembers how far the service's clock is from ours. Threads: its
/// own event loop.
class ServiceTransport {
 public:
  ServiceTransport(ServiceContext context, ServiceOptions options);

  /// An answer with a status below 300.
  /// @throws ServiceError  what the service refuses
  /// @throws Failure bad_auth (no credentials) | too_large (the answer) and
  /// what `HttpClient::send` throws
  Task<HttpAnswer> execute(ServiceRequest request);

  const ServiceEndpoint& endpoint() const { return options_.endpoint; }

 private:
  class Call;

  ServiceContext context_;
  ServiceOptions options_;
  SigV4Signer signer_;
  ServiceClock clock_;
};

}  // namespace creel::aws

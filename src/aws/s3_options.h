#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "aws/retry.h"
#include "net/http_client.h"

namespace creel::aws {

/// How creel talks to S3 and to stores that speak like it.
struct S3Options {
  // What it does.

  /// "https://host" or "http://host:port" of an S3-compatible store; empty for
  /// AWS itself.
  std::string endpoint_url;
  std::string region = "us-east-1";
  /// File of CA certificates to trust; the system's if empty.
  std::string ca_file;
  std::string user_agent = "creel";

  // How fast, and at whose cost.

  std::chrono::milliseconds connect_timeout{5'000};
  /// A transfer that moves no byte for this long is ended, and tried again.
  std::chrono::milliseconds socket_timeout{20'000};
  /// One try of one request.
  std::chrono::milliseconds request_timeout{120'000};
  /// All tries of one request and the waits between them.
  std::chrono::milliseconds execution_timeout{300'000};
  RetryOptions retry;
};

/// The options of the HTTP client that an S3 client works with: it goes to the
/// store and to metadata services, so that any address is allowed.
HttpClientOptions http_client_options(const S3Options& options, ProxySettings proxies);

}  // namespace creel::aws

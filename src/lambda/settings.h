#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include <boost/asio/ip/tcp.hpp>

#include "creel/lambda.h"

namespace creel::lambda {

/// Where the Runtime API listens.
struct ApiAddress {
  boost::asio::ip::tcp::endpoint endpoint;
  /// As it goes into the Host header.
  std::string host;
  /// Before `/2018-06-01`; empty with the service itself.
  std::string base_path;
};

/// Understands `host:port`, as the service gives it, and `http://host:port/path`, as some emulators do. The host is an
/// address, `localhost`, or a name that `hosts_file` knows: a static program has no resolver.
/// @throws std::invalid_argument  for anything else
ApiAddress parse_api_address(std::string_view text, const std::string& hosts_file = "/etc/hosts");

enum class LogFormat : std::uint8_t { text, json };

/// How long to wait before another try: doubled each time, up to the cap, and of that a random part (full jitter).
struct Backoff {
  std::chrono::milliseconds base{20};
  std::chrono::milliseconds cap{2000};

  /// @param failures  how many tries have failed, from 1
  /// @param random    from 0 to 1
  std::chrono::milliseconds wait(int failures, double random) const;
};

/// What the runtime is told by its environment.
struct Settings {
  ApiAddress api;
  std::optional<std::string> handler;
  /// Invocations at a time.
  std::size_t concurrency = 1;
  std::shared_ptr<const FunctionInfo> function = std::make_shared<const FunctionInfo>();
  Backoff backoff;
  /// Tries of one answer before it is given up, and of `next` before the process ends.
  int post_tries = 8;
  int next_tries = 40;
};

/// A variable's value, or null. Threads: that of the caller.
using Environment = std::function<const char*(const char* name)>;

/// @return nothing outside Lambda, where AWS_LAMBDA_RUNTIME_API is not set
/// @throws std::invalid_argument  if that or AWS_LAMBDA_MAX_CONCURRENCY cannot be understood
std::optional<Settings> read_settings(const Environment& environment);

/// AWS_LAMBDA_LOG_FORMAT and AWS_LAMBDA_LOG_LEVEL; text and info where they are not set or unknown.
LogFormat read_log_format(const Environment& environment);
LogLevel read_log_level(const Environment& environment);

}  // namespace creel::lambda

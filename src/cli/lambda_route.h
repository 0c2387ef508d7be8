#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/any_io_executor.hpp>

#include "aws/environment.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/task.h"
#include "ingest/executor.h"
#include "ingest/lambda_executor.h"
#include "net/resolver.h"

namespace creel {

/// The function of `--via lambda:NAME`, and how it is called.
struct LambdaRouteOptions {
  /// Name or ARN; empty if images do not go through Lambda.
  std::string function;
  /// Version or alias; empty for $LATEST.
  std::string qualifier;
  std::string endpoint_url;
  std::string region;
  std::string profile;
  std::size_t batch = 32;
  std::size_t in_flight = 75;
  /// Zero: the service is asked for it.
  std::chrono::milliseconds function_timeout{0};

  bool is_used() const { return !function.empty(); }
};

/// Sets function and qualifier from "lambda:NAME", "lambda:NAME:QUALIFIER" or "lambda:ARN".
/// @throws Failure bad_request
void parse_via(std::string_view text, LambdaRouteOptions& options);

/// What the way through Lambda stands on. Threads: the main loop.
class LambdaRoute {
 public:
  /// @param environment, resolver, clock  must outlive it
  /// @throws Failure bad_auth | bad_url  the settings cannot work
  LambdaRoute(const boost::asio::any_io_executor& loop, LambdaRouteOptions options, const aws::Environment& environment,
              Resolver& resolver, const Clock& clock, Log log);
  ~LambdaRoute();

  /// Looks at the function, and makes the executor that sends images through it; this object must outlive it.
  /// @param target  bucket, key prefix and the limit of a host; the rest is filled in
  /// @param fetch_timeout  what images are to have; the log says if the function's own time is too short for it
  /// @throws Failure bad_request  there is no such function
  Task<std::unique_ptr<Executor>> open(LambdaExecutorOptions target, std::chrono::milliseconds fetch_timeout);

 private:
  struct Clients;

  Task<std::chrono::milliseconds> function_timeout();

  const boost::asio::any_io_executor loop_;
  const LambdaRouteOptions options_;
  const Clock& clock_;
  const Log log_;
  std::unique_ptr<Clients> clients_;
};

}  // namespace creel

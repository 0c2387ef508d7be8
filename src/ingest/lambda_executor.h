#pragma once

#include <chrono>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "aws/lambda_invoker.h"
#include "base/backoff.h"
#include "base/clock.h"
#include "base/log.h"
#include "ingest/executor.h"

namespace creel {

struct LambdaExecutorOptions {
  // What it does.

  /// Name or ARN of a `fetch-store-image`, and version or alias, empty for none.
  std::string function;
  std::string qualifier;
  /// Where the images go; the prefix goes before their keys.
  std::string bucket;
  std::string key_prefix;
  /// Images that one invocation carries, at most; fewer where its payload would be too large.
  std::size_t batch = 32;
  /// Invocations under way at a time, at most; fewer while the service throttles.
  std::size_t in_flight = 75;
  /// Images of one host in one batch.
  std::size_t per_host = 32;
  /// When the service ends an invocation.
  std::chrono::milliseconds function_timeout{60'000};

  // How fast.

  /// How long an image waits for others to fill its batch, while other batches are under way.
  std::chrono::milliseconds linger{20};
  /// Of an event, and of an answer: below the service's 6 MiB.
  std::size_t max_payload_bytes = std::size_t{5} * 1024 * 1024;
  Backoff throttled{.base = std::chrono::milliseconds(500), .cap = std::chrono::milliseconds(20'000)};
  /// How long a batch that is throttled is tried again before its images are `function_throttled`.
  std::chrono::minutes throttle_patience{2};
  Backoff unreachable{.base = std::chrono::milliseconds(250), .cap = std::chrono::milliseconds(10'000)};
  /// Tries of one invocation that the service did not answer, the first included.
  int max_tries = 6;
};

/// Runs requests in batches through AWS Lambda. What one invocation was to do and did not - it crashed, ran out of time,
/// gave no answer that can be used - is tried again in two halves, and so on, until the one request that the function
/// does not survive is alone: that one is a `function_error`. A request that was carried out twice changes nothing.
/// Throttling halves what is in flight, and costs no image a try. Threads: the ingest loop.
class LambdaExecutor final : public Executor {
 public:
  /// @param invoker, clock  must outlive the executor
  LambdaExecutor(const boost::asio::any_io_executor& loop, LambdaExecutorOptions options, aws::LambdaInvoker& invoker,
                 const Clock& clock, Random random, Log log);
  ~LambdaExecutor() override;

  Task<StoreOutcome> execute(StoreRequest request) override;

  /// Invocations so far, those that failed included.
  std::size_t invocations() const;
  /// Invocations that may be under way at a time, as the service bears it.
  std::size_t limit() const;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace creel

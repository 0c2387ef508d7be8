#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/lambda_invoker.h"
#include "aws/retry.h"
#include "base/backoff.h"
#include "base/clock.h"
#include "base/failure.h"
#include "base/task.h"

namespace creel {

/// The calls of a batch: one for each line of JSON Lines that is not blank.
struct BatchLine {
  /// From 1.
  std::size_t number = 0;
  std::string payload;
};

/// @param name  of the file, for messages
/// @throws Failure bad_request  a line that is no JSON, with its number and column
std::vector<BatchLine> read_batch(std::string_view text, std::string_view name);

struct BatchOptions {
  /// What all calls have in common.
  aws::LambdaInvocation call;
  std::size_t parallel = 16;
  /// How long each call may take.
  std::chrono::milliseconds timeout{0};
};

struct BatchTally {
  std::size_t answered = 0;
  /// The function answered that it failed.
  std::size_t failed = 0;
  /// There was no answer.
  std::size_t not_called = 0;
};

/// Makes many calls, some at a time, and hands out what became of them in the order of the lines. A call that is
/// throttled is made again, later. Threads: its own event loop.
class InvokeBatch {
 public:
  /// One object of JSON Lines without its line end.
  using Printer = std::function<void(const std::string& line)>;

  /// All but `options` must outlive it.
  InvokeBatch(aws::LambdaInvoker& invoker, const Clock& clock, Random random, BatchOptions options, Printer print);

  Task<BatchTally> run(std::vector<BatchLine> lines);

 private:
  Task<void> work();
  Task<std::string> result_of(BatchLine line);
  Task<aws::LambdaAnswer> call(std::string payload);
  void print_finished();

  aws::LambdaInvoker& invoker_;
  const Clock& clock_;
  Random random_;
  BatchOptions options_;
  Printer print_;
  aws::RetryQuota quota_;

  std::vector<BatchLine> lines_;
  std::vector<std::optional<std::string>> results_;
  std::size_t next_ = 0;
  std::size_t printed_ = 0;
  BatchTally tally_;
};

/// An answer as one JSON object: status, version, request id, function error and payload, and the log if there is one.
/// @param line  of the batch; none if 0
std::string answer_json(const aws::LambdaAnswer& answer, std::size_t line);

}  // namespace creel

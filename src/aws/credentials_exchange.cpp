#include "aws/credentials_exchange.h"

#include "aws/retry.h"

namespace creel::aws {
namespace {

constexpr std::size_t kMaxAnswerBytes = 256 * 1024;
constexpr int kMaxAttempts = 3;

}  // namespace

Task<HttpAnswer> ask_for_credentials(const CredentialsContext& context, HttpRequest request,
                                     std::chrono::milliseconds timeout) {
  RetryQuota quota;
  RetryRun retries({.max_attempts = kMaxAttempts}, quota, context.random);
  for (;;) {
    std::optional<Failure> failure;
    std::optional<HttpAnswer> answer;
    request.deadline = context.clock.steady_now() + timeout;
    try {
      answer = co_await exchange(context.http, request, kMaxAnswerBytes);
      if (answer->status < 500) co_return std::move(*answer);
    } catch (const Failure& error) {
      if (!is_retryable(error.kind())) throw;
      failure = error;
    }
    const auto wait = retries.next_wait(RetryReason::transient, std::nullopt);
    if (!wait && answer) co_return std::move(*answer);
    if (!wait) throw *failure;
    co_await sleep_for(*wait);
  }
}

}  // namespace creel::aws

#pragma once

#include <cstddef>
#include <optional>
#include <stop_token>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "creel/lambda.h"
#include "lambda/blocking_pool.h"
#include "lambda/runtime_api.h"
#include "lambda/settings.h"

namespace creel::lambda {

/// Answers one invocation after the other; as many workers as invocations may run at a time. Threads: its event loop.
class Worker {
 public:
  /// @param slot  which of the workers it is, from 0
  Worker(boost::asio::io_context& loop, const Settings& settings, const detail::Callable& handler, BlockingPool& pool,
         std::size_t slot);

  /// For ever.
  /// @throws CannotGoOn
  Task<void> serve();

  /// Whether a handler runs on a thread of the pool.
  bool is_blocked() const { return is_blocked_; }

 private:
  Task<void> answer(Event event);
  Task<void> answer_whole(std::string event, Context context, const Invocation& invocation);
  Task<void> answer_streamed(std::string event, Context context, const Invocation& invocation);
  Task<std::string> call(std::string event, Context context, ResponseStream* stream);
  Task<std::string> call_blocking(std::string event, Context context, ResponseStream* stream);
  void start_timer(const Invocation& invocation, std::stop_source cancel);
  bool is_alone() const { return settings_.concurrency == 1; }

  boost::asio::io_context& loop_;
  const Settings& settings_;
  const detail::Callable& handler_;
  BlockingPool& pool_;
  std::size_t slot_;
  RuntimeApi api_;
  boost::asio::steady_timer timer_;
  bool is_blocked_ = false;
};

/// How long before the deadline a handler is told: 5 % of its time, from 50 to 500 ms, at most half of it.
std::chrono::milliseconds notice_before(std::chrono::milliseconds time);

}  // namespace creel::lambda

#pragma once

#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>

#include "base/task.h"
#include "base/wakeup.h"

namespace creel {

namespace run_on_detail {

template <class Result>
struct Job {
  std::optional<std::conditional_t<std::is_void_v<Result>, std::monostate, Result>> result;
  std::exception_ptr failure;
  std::shared_ptr<Wakeup> done;
};

template <class Result, class Make>
Task<void> carry_out(Make make, std::shared_ptr<Job<Result>> job) {
  try {
    if constexpr (std::is_void_v<Result>) {
      co_await make();
      job->result.emplace();
    } else {
      job->result.emplace(co_await make());
    }
  } catch (...) {
    job->failure = std::current_exception();
  }
}

}  // namespace run_on_detail

/// Runs `make()`, which gives a Task, on another event loop, and gives back here what it returns or throws. `make` must
/// be no coroutine itself.
///
/// The wait lasts until the task is over, whatever is cancelled meanwhile: the task may use what the caller holds.
/// Between two loops a cancellation cannot be passed on safely (Boost 1.81).
template <class Make>
auto run_on(boost::asio::any_io_executor executor, Make make) -> std::invoke_result_t<Make&> {
  namespace asio = boost::asio;
  using Result = typename std::invoke_result_t<Make&>::value_type;
  const auto job = std::make_shared<run_on_detail::Job<Result>>();
  job->done = std::make_shared<Wakeup>(co_await asio::this_coro::executor);
  asio::co_spawn(executor, run_on_detail::carry_out<Result, Make>(std::move(make), job),
                 [job](const std::exception_ptr&) { Wakeup::post_notify(job->done); });
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  co_await job->done->wait();
  co_await asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation());
  if (job->failure) std::rethrow_exception(job->failure);
  if constexpr (!std::is_void_v<Result>) co_return std::move(*job->result);
}

}  // namespace creel

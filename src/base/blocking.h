#pragma once

#include <exception>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/task.h"

namespace creel {

/// Calls `work()` on a thread of `pool` and gives back, on the caller's executor, what it returns or throws.
///
/// Cancelling the caller does not cut the wait short, so `work` may use what the caller's coroutine holds.
/// The pool must be joined before the caller's event loop is destroyed.
template <class Work>
Task<std::invoke_result_t<Work&>> run_blocking(boost::asio::thread_pool& pool, Work work) {
  using Result = std::invoke_result_t<Work&>;
  std::optional<std::conditional_t<std::is_void_v<Result>, std::monostate, Result>> result;
  std::exception_ptr failure;

  // Nothing is bound to the handler's cancellation slot: that is what makes the wait last to the end of the
  // work.
  auto initiate = [&](auto handler) {
    auto executor = boost::asio::get_associated_executor(handler);
    // Keeps the caller's event loop running meanwhile; given up on that loop, never on the pool's thread.
    auto busy = boost::asio::make_work_guard(executor);
    boost::asio::post(pool, [&, executor, busy = std::move(busy), handler = std::move(handler)]() mutable {
      try {
        if constexpr (std::is_void_v<Result>) {
          work();
          result.emplace();
        } else {
          result.emplace(work());
        }
      } catch (...) {
        failure = std::current_exception();
      }
      boost::asio::post(executor, [busy = std::move(busy), handler = std::move(handler)]() mutable {
        busy.reset();
        std::move(handler)();
      });
    });
  };
  co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void()>(std::move(initiate),
                                                                                     boost::asio::use_awaitable);
  if (failure) std::rethrow_exception(failure);
  if constexpr (!std::is_void_v<Result>) co_return std::move(*result);
}

}  // namespace creel

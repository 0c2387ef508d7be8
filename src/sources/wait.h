#pragma once

#include <chrono>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/task.h"

namespace creel {

/// Between two tries of what failed, so that no jitter makes them one.
inline constexpr std::chrono::milliseconds kShortestWait{1};

/// Cancelling the coroutine ends the wait.
inline Task<void> wait_for(std::chrono::milliseconds time) {
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, time);
  co_await timer.async_wait(boost::asio::use_awaitable);
}

}  // namespace creel

#pragma once

#include <exception>
#include <optional>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "base/task.h"

namespace creel::testing {

template <class T>
Task<void> keep_result(Task<T> task, std::optional<T>* result) {
  result->emplace(co_await std::move(task));
}

/// Runs a coroutine to its end on `loop` and returns its result, or throws what it threw. Other work of the loop goes
/// on meanwhile.
inline void run(boost::asio::io_context& loop, Task<void> task) {
  std::exception_ptr failure;
  bool done = false;
  boost::asio::co_spawn(loop, std::move(task), [&](std::exception_ptr error) {
    failure = error;
    done = true;
  });
  loop.restart();
  while (!done && loop.run_one() > 0) continue;
  if (failure) std::rethrow_exception(failure);
}

template <class T>
T run(boost::asio::io_context& loop, Task<T> task) {
  std::optional<T> result;
  run(loop, keep_result(std::move(task), &result));
  return std::move(*result);
}

}  // namespace creel::testing

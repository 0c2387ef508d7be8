#pragma once

#include <exception>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "base/task.h"

namespace creel {

/// An event loop for one look at something: runs one task at a time to its end. Threads: one.
class DoctorLoop {
 public:
  boost::asio::any_io_executor executor() { return context_.get_executor(); }

  /// What it throws comes through.
  void run(Task<void> task) {
    std::exception_ptr failure;
    boost::asio::co_spawn(context_, std::move(task), [&](const std::exception_ptr& thrown) {
      failure = thrown;
      context_.stop();
    });
    context_.restart();
    context_.run();
    if (failure) std::rethrow_exception(failure);
  }

 private:
  boost::asio::io_context context_{1};
};

}  // namespace creel

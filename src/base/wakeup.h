#pragma once

#include <memory>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/clock.h"
#include "base/task.h"

namespace creel {

/// Lets one coroutine wait until another piece of code tells it to go on. Cancelling the waiting coroutine ends the
/// wait. Threads: `wait` and `notify` on the executor's thread, `post_notify` on any.
class Wakeup : public std::enable_shared_from_this<Wakeup> {
 public:
  explicit Wakeup(const boost::asio::any_io_executor& executor);

  /// Returns true once `notify` was called, at once if it has been already, and false at the deadline.
  /// The next wait waits anew.
  /// @throws boost::system::system_error operation_aborted when the coroutine is cancelled
  Task<bool> wait(SteadyTime deadline = SteadyTime::max());

  void notify();

  /// `notify`, carried out on the executor's thread.
  static void post_notify(const std::shared_ptr<Wakeup>& wakeup);

 private:
  boost::asio::steady_timer timer_;
  bool notified_ = false;
};

}  // namespace creel

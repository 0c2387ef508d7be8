#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <sys/types.h>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/task.h"

namespace creel {

/// How a child ended, as waitpid(2) says it.
struct ProcessEnd {
  int status = 0;
  /// It was killed since its time was up.
  bool is_late = false;
};

/// A child process whose standard input and output are one socket of ours; it gets no environment, no other open file, and
/// its standard error goes nowhere. Its time is limited. Killed, and waited for, when the object goes: it never
/// becomes a zombie. Threads: its own event loop.
class JqProcess {
 public:
  /// Starts `program jq-filter`.
  /// @throws Failure internal  it cannot be started
  JqProcess(boost::asio::any_io_executor executor, const std::string& program, std::chrono::milliseconds wall_time);
  ~JqProcess();
  JqProcess(const JqProcess&) = delete;

  /// Writes `text`, which must live until then. A child that has gone takes no notice: no failure.
  Task<void> write(std::string_view text);

  /// Reads some of what it writes; empty at the end. No more than 64 KiB at a time.
  Task<std::string> read_some();

  /// Waits until it has ended, which it must be about to.
  Task<ProcessEnd> wait();

 private:
  void start(const std::string& program, int socket);
  void kill();

  boost::asio::local::stream_protocol::socket socket_;
  /// Becomes readable when the process has ended.
  boost::asio::posix::stream_descriptor ended_;
  boost::asio::steady_timer timer_;
  pid_t pid_ = 0;
  bool is_late_ = false;
  bool is_broken_ = false;
  /// Tells the timer's handler whether this object is still there.
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
};

}  // namespace creel

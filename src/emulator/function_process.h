#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include "base/file_descriptor.h"

namespace creel::emulator {

/// Whom a process runs as.
struct ProcessUser {
  std::uint32_t user = 0;
  std::uint32_t group = 0;
};

struct ProcessPlan {
  /// Found by trying them in this order; the first that exists is started.
  std::vector<std::filesystem::path> programs;
  std::vector<std::string> arguments{};
  /// "NAME=value"; nothing else is inherited.
  std::vector<std::string> environment{};
  std::filesystem::path folder;
  /// Only root may change to another user.
  std::optional<ProcessUser> user{};
};

/// How a process ended, as the service words it: "exit status 1", "signal: killed"; empty for an exit with 0.
std::string exit_reason(int wait_status);

/// The process of an execution environment, in a process group of its own. It gets no file of ours but a pipe for what
/// it writes; it is killed when this object goes, and by the kernel when this program does.
/// Threads: its own event loop.
class FunctionProcess {
 public:
  struct Events {
    /// What it has written, in pieces.
    std::function<void(std::string_view)> on_output;
    /// It has ended, and all that it wrote has been given out.
    std::function<void(int wait_status)> on_exit;
  };

  /// Starts it. `events` may be called until this object goes, never from within the constructor.
  /// @throws Failure function_error  it cannot be started; the message is the service's
  FunctionProcess(boost::asio::any_io_executor executor, const ProcessPlan& plan, Events events);
  ~FunctionProcess();
  FunctionProcess(const FunctionProcess&) = delete;
  FunctionProcess& operator=(const FunctionProcess&) = delete;

  int pid() const { return pid_; }
  bool has_ended() const { return ended_; }

  /// Signals the whole group.
  void signal(int number) const;
  void kill();
  void freeze() const;
  void thaw() const;

  /// Gives out what it has written so far and nobody has been told.
  void read_output();

  /// What the main process and its descendants hold now, and the most that the main process, or all of them when looked
  /// at, held so far.
  std::uint64_t memory_bytes() const;
  std::uint64_t peak_memory_bytes() const { return peak_memory_bytes_; }
  /// Looks, and returns what is held now.
  std::uint64_t update_memory();
  /// The same of the main process alone, which costs little.
  void update_own_peak();

 private:
  void await_output();
  void await_exit();
  void reap();

  int pid_ = -1;
  bool ended_ = false;
  Events events_;
  boost::asio::posix::stream_descriptor output_;
  boost::asio::posix::stream_descriptor exit_;
  FileDescriptor status_;
  std::uint64_t peak_memory_bytes_ = 0;
  /// Outlives this object in the handlers that wait.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace creel::emulator

#include "sources/jq_process.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

// glibc 2.36 declares nothing in here for C++.
extern "C" {
#include <sys/pidfd.h>
}

#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "base/failure.h"
#include "base/file_descriptor.h"

namespace creel {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kChunkBytes = std::size_t{64} * 1024;

[[noreturn]] void cannot(std::string_view what, int error) {
  throw Failure(FailureKind::internal, fmt::format("cannot {} the jq filter: {}", what, std::strerror(error)));
}

struct SpawnSettings {
  SpawnSettings() {
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawnattr_init(&attributes);
  }
  ~SpawnSettings() {
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
  }
  SpawnSettings(const SpawnSettings&) = delete;

  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
};

/// True for what a wait that was cancelled ends with.
bool is_cancelled(const boost::system::error_code& error) {
  return error == asio::error::operation_aborted;
}

}  // namespace

JqProcess::JqProcess(asio::any_io_executor executor, const std::string& program, std::chrono::milliseconds wall_time)
    : socket_(executor), ended_(executor), timer_(executor) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) cannot("make a socket for", errno);
  FileDescriptor ours(ends[0]);
  const FileDescriptor theirs(ends[1]);
  socket_.assign(asio::local::stream_protocol(), ours.release());
  start(program, theirs.number());
  timer_.expires_after(wall_time);
  timer_.async_wait([this, alive = std::weak_ptr<const bool>(alive_)](const boost::system::error_code& error) {
    if (error || alive.expired()) return;
    is_late_ = true;
    kill();
  });
}

JqProcess::~JqProcess() {
  if (pid_ == 0) return;
  kill();
  // A killed process that does no input or output is gone within milliseconds, so this may block.
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) continue;
}

void JqProcess::start(const std::string& program, int socket) {
  SpawnSettings settings;
  ::posix_spawn_file_actions_adddup2(&settings.actions, socket, STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&settings.actions, socket, STDOUT_FILENO);
  ::posix_spawn_file_actions_addopen(&settings.actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  ::posix_spawn_file_actions_addclosefrom_np(&settings.actions, STDERR_FILENO + 1);
  sigset_t none;
  sigset_t all;
  ::sigemptyset(&none);
  ::sigfillset(&all);
  ::posix_spawnattr_setsigmask(&settings.attributes, &none);
  ::posix_spawnattr_setsigdefault(&settings.attributes, &all);
  ::posix_spawnattr_setpgroup(&settings.attributes, 0);
  ::posix_spawnattr_setflags(&settings.attributes,
                             POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);

  char name[] = "creel";
  char command[] = "jq-filter";
  char* const arguments[] = {name, command, nullptr};
  char* const environment[] = {nullptr};
  pid_t pid = 0;
  const int error =
      ::posix_spawn(&pid, program.c_str(), &settings.actions, &settings.attributes, arguments, environment);
  if (error != 0) cannot(fmt::format("start '{}' as", program), error);
  pid_ = pid;
  const int handle = ::pidfd_open(pid_, 0);
  if (handle < 0) {
    const int reason = errno;
    kill();
    int status = 0;
    ::waitpid(std::exchange(pid_, 0), &status, 0);
    cannot("watch", reason);
  }
  ended_.assign(handle);
}

void JqProcess::kill() {
  if (pid_ != 0) ::kill(pid_, SIGKILL);
}

Task<void> JqProcess::write(std::string_view text) {
  // A child that has gone says by its end why. Boost 1.81 never completes a write that follows two failed ones.
  if (is_broken_) co_return;
  boost::system::error_code error;
  co_await asio::async_write(socket_, asio::buffer(text.data(), text.size()),
                             asio::redirect_error(asio::use_awaitable, error));
  if (is_cancelled(error)) throw boost::system::system_error(error);
  is_broken_ = error.failed();
}

Task<std::string> JqProcess::read_some() {
  std::string chunk(kChunkBytes, '\0');
  boost::system::error_code error;
  const auto count = co_await socket_.async_read_some(asio::buffer(chunk.data(), chunk.size()),
                                                      asio::redirect_error(asio::use_awaitable, error));
  if (is_cancelled(error)) throw boost::system::system_error(error);
  chunk.resize(count);
  co_return chunk;
}

Task<ProcessEnd> JqProcess::wait() {
  boost::system::error_code error;
  co_await ended_.async_wait(asio::posix::stream_descriptor::wait_read,
                             asio::redirect_error(asio::use_awaitable, error));
  if (error) throw boost::system::system_error(error);
  ProcessEnd end{.status = 0, .is_late = is_late_};
  while (::waitpid(pid_, &end.status, 0) < 0 && errno == EINTR) continue;
  pid_ = 0;
  timer_.cancel();
  co_return end;
}

}  // namespace creel

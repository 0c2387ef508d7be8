#include "aws/process.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/failure.h"

namespace creel::aws {
namespace {

using Deadline = std::chrono::steady_clock::time_point;

class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  ~FileDescriptor() { close(); }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;

  int get() const { return fd_; }
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

 private:
  int fd_;
};

struct SpawnSettings {
  SpawnSettings() {
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
  }
  ~SpawnSettings() {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;

  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
};

/// Starts the program in a process group of its own, so that all of it can be
/// killed at once, with the signals as a program expects to find them.
pid_t spawn(const std::vector<std::string>& words, int output) {
  SpawnSettings settings;
  posix_spawn_file_actions_addopen(&settings.actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&settings.actions, output, STDOUT_FILENO);
  sigset_t none;
  sigset_t all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&settings.attributes, &none);
  posix_spawnattr_setsigdefault(&settings.attributes, &all);
  posix_spawnattr_setpgroup(&settings.attributes, 0);
  posix_spawnattr_setflags(&settings.attributes,
                           POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);

  std::vector<char*> arguments;
  for (const auto& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  pid_t pid = 0;
  const int error =
      posix_spawnp(&pid, arguments[0], &settings.actions, &settings.attributes, arguments.data(), environ);
  if (error != 0) {
    throw Failure(FailureKind::bad_auth, fmt::format("cannot start '{}': {}", words[0], std::strerror(error)));
  }
  return pid;
}

[[noreturn]] void refuse(std::string_view operation) {
  throw Failure(FailureKind::bad_auth, fmt::format("cannot {} the program: {}", operation, std::strerror(errno)));
}

/// The milliseconds left, for poll(2).
int time_left(Deadline deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  if (left.count() <= 0) throw Failure(FailureKind::timeout, "it took too long");
  return static_cast<int>(left.count());
}

/// A started program; killed, with all its group, unless it has ended by
/// itself.
class Child {
 public:
  explicit Child(pid_t pid) : pid_(pid) {}
  ~Child() {
    if (reaped_) return;
    kill(-pid_, SIGKILL);
    int status = 0;
    waitpid(pid_, &status, 0);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  /// Its exit status. It has closed its output, so that it ends at once or
  /// never.
  int wait(Deadline deadline) {
    constexpr int kCheckEveryMs = 2;
    int status = 0;
    while (waitpid(pid_, &status, WNOHANG) == 0) poll(nullptr, 0, std::min(kCheckEveryMs, time_left(deadline)));
    reaped_ = true;
    return status;
  }

 private:
  pid_t pid_;
  bool reaped_ = false;
};

void wait_readable(int fd, Deadline deadline) {
  for (;;) {
    pollfd entry{.fd = fd, .events = POLLIN, .revents = 0};
    const int ready = poll(&entry, 1, time_left(deadline));
    if (ready > 0) return;
    if (ready < 0 && errno != EINTR) refuse("wait for");
  }
}

std::string read_output(int fd, std::size_t max_bytes, Deadline deadline) {
  std::string output;
  char chunk[4096];
  for (;;) {
    wait_readable(fd, deadline);
    const auto count = read(fd, chunk, sizeof chunk);
    if (count == 0) return output;
    if (count < 0) refuse("read from");
    output.append(chunk, static_cast<std::size_t>(count));
    if (output.size() > max_bytes) {
      throw Failure(FailureKind::bad_auth, fmt::format("it wrote more than {} bytes", max_bytes));
    }
  }
}

}  // namespace

std::string run_process(const std::vector<std::string>& words, const ProcessLimits& limits) {
  const auto deadline = std::chrono::steady_clock::now() + limits.timeout;
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) refuse("make a pipe for");
  const FileDescriptor reading(ends[0]);
  FileDescriptor writing(ends[1]);
  Child child(spawn(words, writing.get()));
  writing.close();

  auto output = read_output(reading.get(), limits.max_output_bytes, deadline);
  const int status = child.wait(deadline);
  if (WIFSIGNALED(status)) {
    throw Failure(FailureKind::bad_auth, fmt::format("it was ended by signal {}", WTERMSIG(status)));
  }
  if (WEXITSTATUS(status) != 0) {
    throw Failure(FailureKind::bad_auth, fmt::format("it ended with {}", WEXITSTATUS(status)));
  }
  return output;
}

}  // namespace creel::aws

#include "emulator/function_process.h"

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <grp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/failure.h"

namespace creel::emulator {
namespace asio = boost::asio;
namespace {

// As recorded in the service's sandbox.
constexpr rlim_t kOpenFiles = 1024;
constexpr rlim_t kStackBytes = 8UL << 20;
constexpr rlim_t kProcesses = 742;

std::string describe_signal(int number) {
  const char* text = sigdescr_np(number);
  if (text == nullptr) return fmt::format("signal {}", number);
  std::string name = text;
  if (!name.empty() && name[0] >= 'A' && name[0] <= 'Z') name[0] = static_cast<char>(name[0] - 'A' + 'a');
  return name;
}

std::vector<char*> pointers(const std::vector<std::string>& strings) {
  std::vector<char*> result;
  for (const auto& text : strings) result.push_back(const_cast<char*>(text.c_str()));
  result.push_back(nullptr);
  return result;
}

std::filesystem::path find_program(const std::vector<std::filesystem::path>& programs) {
  for (const auto& program : programs) {
    struct stat status{};
    if (::stat(program.c_str(), &status) == 0 && !S_ISDIR(status.st_mode)) return program;
  }
  std::vector<std::string> tried;
  for (const auto& program : programs) tried.push_back(program.string());
  throw Failure(FailureKind::function_error,
                fmt::format("Couldn't find valid bootstrap(s): [{}]", fmt::join(tried, " ")));
}

/// What the child needs, made ready before, so that it need not allocate.
struct Launch {
  const char* program;
  char* const* arguments;
  char* const* environment;
  const char* folder;
  int output;
  pid_t parent;
  bool changes_user;
  uid_t user;
  gid_t group;
};

void set_limit(__rlimit_resource resource, rlim_t value) {
  rlimit limit{};
  ::getrlimit(resource, &limit);
  if (limit.rlim_max != RLIM_INFINITY && value > limit.rlim_max) value = limit.rlim_max;
  limit.rlim_cur = value;
  limit.rlim_max = value;
  ::setrlimit(resource, &limit);
}

/// In the child, which shares the parent's memory until it has become another program: system calls alone, and by
/// number where the library would tell its other threads.
int become(const Launch& launch) {
  ::setpgid(0, 0);
  const int nothing = ::open("/dev/null", O_RDWR);
  if (nothing < 0) return errno;
  ::dup2(nothing, STDIN_FILENO);
  ::dup2(launch.output, STDOUT_FILENO);
  ::dup2(launch.output, STDERR_FILENO);
  ::syscall(SYS_close_range, 3U, ~0U, 0U);
  set_limit(RLIMIT_NOFILE, kOpenFiles);
  set_limit(RLIMIT_STACK, kStackBytes);
  set_limit(RLIMIT_CORE, 0);
  ::umask(022);
  if (::chdir(launch.folder) != 0) return errno;
  if (launch.changes_user) {
    set_limit(RLIMIT_NPROC, kProcesses);
    if (::syscall(SYS_setgroups, 0, nullptr) != 0 || ::syscall(SYS_setgid, launch.group) != 0 ||
        ::syscall(SYS_setuid, launch.user) != 0) {
      return errno;
    }
  }
  // After the change of user, which takes it back.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != launch.parent) return ESRCH;
  for (int number = 1; number < NSIG; ++number) ::signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::execve(launch.program, launch.arguments, launch.environment);
  return errno;
}

/// A fork that copies nothing: this thread stands still until the child has become the program or failed to.
pid_t start(const Launch& launch, int& error) {
  volatile int child_error = 0;
  // No signal handler of ours may run in the child, whose memory is ours.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t pid = ::vfork();
  if (pid == 0) {
    child_error = become(launch);
    ::_exit(127);
  }
  error = pid < 0 ? errno : child_error;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return pid;
}

/// A value in kB of a /proc/PID/status.
std::uint64_t status_bytes(std::string_view status, std::string_view name) {
  const auto at = status.find(name);
  if (at == std::string_view::npos) return 0;
  status.remove_prefix(at + name.size());
  status.remove_prefix(std::min(status.find_first_not_of(" \t"), status.size()));
  std::uint64_t value = 0;
  std::from_chars(status.data(), status.data() + status.size(), value);
  return value * 1024;
}

std::string_view read_at_once(int fd, std::span<char> buffer) {
  const auto count = ::pread(fd, buffer.data(), buffer.size(), 0);
  return {buffer.data(), count > 0 ? static_cast<std::size_t>(count) : 0};
}

std::string_view read_file(const std::string& path, std::span<char> buffer) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  return file ? read_at_once(file.number(), buffer) : std::string_view();
}

std::uint64_t memory_of_children(int pid, int depth) {
  constexpr int kDeepest = 16;
  std::array<char, 4096> buffer;
  auto children = read_file(fmt::format("/proc/{}/task/{}/children", pid, pid), buffer);
  std::uint64_t sum = 0;
  while (!children.empty() && depth < kDeepest) {
    int child = 0;
    const auto parsed = std::from_chars(children.data(), children.data() + children.size(), child);
    if (parsed.ec != std::errc()) break;
    children.remove_prefix(static_cast<std::size_t>(parsed.ptr - children.data()));
    children.remove_prefix(std::min(children.find_first_not_of(' '), children.size()));
    std::array<char, 4096> status;
    sum += status_bytes(read_file(fmt::format("/proc/{}/status", child), status), "VmRSS:");
    sum += memory_of_children(child, depth + 1);
  }
  return sum;
}

}  // namespace

std::string exit_reason(int wait_status) {
  if (WIFSIGNALED(wait_status)) return fmt::format("signal: {}", describe_signal(WTERMSIG(wait_status)));
  const int code = WEXITSTATUS(wait_status);
  return code == 0 ? std::string() : fmt::format("exit status {}", code);
}

FunctionProcess::FunctionProcess(asio::any_io_executor executor, const ProcessPlan& plan, Events events)
    : events_(std::move(events)), output_(executor), exit_(executor) {
  const auto program = find_program(plan.programs);
  std::vector<std::string> arguments{program.string()};
  arguments.insert(arguments.end(), plan.arguments.begin(), plan.arguments.end());
  const auto argument_pointers = pointers(arguments);
  const auto environment_pointers = pointers(plan.environment);
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    throw Failure(FailureKind::function_error, fmt::format("cannot make a pipe: {}", std::strerror(errno)));
  }
  FileDescriptor reading(ends[0]);
  const FileDescriptor writing(ends[1]);
  int error = 0;
  pid_ = start({.program = program.c_str(),
                .arguments = argument_pointers.data(),
                .environment = environment_pointers.data(),
                .folder = plan.folder.c_str(),
                .output = writing.number(),
                .parent = ::getpid(),
                .changes_user = plan.user.has_value(),
                .user = plan.user ? plan.user->user : 0,
                .group = plan.user ? plan.user->group : 0},
               error);
  if (error != 0) {
    if (pid_ > 0) ::waitpid(pid_, nullptr, 0);
    std::string text = std::strerror(error);
    if (text[0] >= 'A' && text[0] <= 'Z') text[0] = static_cast<char>(text[0] - 'A' + 'a');
    throw Failure(FailureKind::function_error, fmt::format("fork/exec {}: {}", program.string(), text));
  }
  ::fcntl(reading.number(), F_SETFL, O_NONBLOCK);
  FileDescriptor exit(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
  if (!exit) {
    const int pidfd_error = errno;
    ::kill(-pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    throw Failure(FailureKind::function_error, fmt::format("cannot watch the process: {}", std::strerror(pidfd_error)));
  }
  output_.assign(reading.release());
  exit_.assign(exit.release());
  status_ = FileDescriptor(::open(fmt::format("/proc/{}/status", pid_).c_str(), O_RDONLY | O_CLOEXEC));
  await_output();
  await_exit();
}

FunctionProcess::~FunctionProcess() {
  *alive_ = false;
  if (!ended_) {
    kill();
    ::waitpid(pid_, nullptr, 0);
  }
}

void FunctionProcess::signal(int number) const {
  if (!ended_) ::kill(-pid_, number);
}

void FunctionProcess::kill() {
  signal(SIGKILL);
}

void FunctionProcess::freeze() const {
  signal(SIGSTOP);
}

void FunctionProcess::thaw() const {
  signal(SIGCONT);
}

void FunctionProcess::await_output() {
  output_.async_wait(asio::posix::stream_descriptor::wait_read,
                     [this, alive = alive_](const boost::system::error_code& error) {
                       if (error || !*alive) return;
                       read_output();
                       if (*alive && output_.is_open()) await_output();
                     });
}

void FunctionProcess::read_output() {
  std::array<char, 16384> buffer;
  const auto alive = alive_;
  while (*alive && output_.is_open()) {
    const auto count = ::read(output_.native_handle(), buffer.data(), buffer.size());
    if (count > 0) {
      events_.on_output(std::string_view(buffer.data(), static_cast<std::size_t>(count)));
      continue;
    }
    if (count == 0) output_.close();
    if (count < 0 && errno == EINTR) continue;
    return;
  }
}

void FunctionProcess::await_exit() {
  exit_.async_wait(asio::posix::stream_descriptor::wait_read,
                   [this, alive = alive_](const boost::system::error_code& error) {
                     if (!error && *alive) reap();
                   });
}

void FunctionProcess::reap() {
  // What it has started goes with it; the group's number is ours until the process has been waited for.
  kill();
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) continue;
  ended_ = true;
  const auto alive = alive_;
  read_output();
  if (*alive) events_.on_exit(status);
}

void FunctionProcess::update_own_peak() {
  std::array<char, 4096> buffer;
  peak_memory_bytes_ = std::max(peak_memory_bytes_, status_bytes(read_at_once(status_.number(), buffer), "VmHWM:"));
}

std::uint64_t FunctionProcess::memory_bytes() const {
  if (ended_) return 0;
  std::array<char, 4096> buffer;
  return status_bytes(read_at_once(status_.number(), buffer), "VmRSS:") + memory_of_children(pid_, 0);
}

std::uint64_t FunctionProcess::update_memory() {
  update_own_peak();
  const auto now = memory_bytes();
  peak_memory_bytes_ = std::max(peak_memory_bytes_, now);
  return now;
}

}  // namespace creel::emulator

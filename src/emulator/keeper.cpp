#include "emulator/keeper.h"

#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

#include <fmt/format.h>

#include "base/failure.h"

namespace creel::emulator {
namespace {

constexpr int kMostKillPasses = 10;

/// Kills every process that was started by a function unpacked below `folder`, also one that left its process group: a
/// daemon still has the environment that names the folder.
void kill_processes_of(const std::filesystem::path& folder) {
  const auto mark = fmt::format("LAMBDA_TASK_ROOT={}/", folder.string());
  bool found = true;
  // Once more as long as some were found: they may have started others meanwhile.
  for (int pass = 0; found && pass < kMostKillPasses; ++pass) {
    found = false;
    std::error_code ignored;
    for (auto entry = std::filesystem::directory_iterator("/proc", ignored);
         entry != std::filesystem::directory_iterator(); entry.increment(ignored)) {
      const auto name = entry->path().filename().string();
      int process = 0;
      if (std::from_chars(name.data(), name.data() + name.size(), process).ec != std::errc() || process <= 1) continue;
      std::ifstream file(entry->path() / "environ", std::ios::binary);
      for (std::string variable; std::getline(file, variable, '\0');) {
        if (variable.starts_with(mark) && ::kill(process, SIGKILL) == 0) found = true;
      }
    }
  }
}

struct Charge {
  std::set<int> groups;
  std::set<std::string> folders;

  void hear(std::string_view line) {
    if (line.size() < 2) return;
    if (line[0] == '/') {
      folders.emplace(line);
      return;
    }
    int group = 0;
    std::from_chars(line.data() + 1, line.data() + line.size(), group);
    if (group <= 1) return;
    if (line[0] == '+') groups.insert(group);
    if (line[0] == '-') groups.erase(group);
  }

  void clear_up() const {
    for (const int group : groups) ::kill(-group, SIGKILL);
    for (const auto& folder : folders) {
      kill_processes_of(folder);
      std::error_code ignored;
      std::filesystem::remove_all(folder, ignored);
    }
  }
};

/// Listens until the pipe's other end is closed, by whatever end its holder came to.
[[noreturn]] void keep(int pipe) {
  // Ctrl-C is for the emulator.
  ::setsid();
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) ::signal(number, SIG_IGN);
  ::prctl(PR_SET_NAME, "creel-keeper");
  Charge charge;
  std::string text;
  char buffer[4096];
  for (;;) {
    const auto count = ::read(pipe, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    text.append(buffer, static_cast<std::size_t>(count));
    for (auto end = text.find('\n'); end != std::string::npos; end = text.find('\n')) {
      charge.hear(std::string_view(text).substr(0, end));
      text.erase(0, end + 1);
    }
  }
  charge.clear_up();
  ::_exit(0);
}

}  // namespace

Keeper::Keeper() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    throw Failure(FailureKind::internal, fmt::format("cannot make a pipe: {}", std::strerror(errno)));
  }
  pid_ = ::fork();
  if (pid_ < 0) throw Failure(FailureKind::internal, fmt::format("cannot start a process: {}", std::strerror(errno)));
  if (pid_ == 0) {
    // It holds nothing of ours open, so that whoever waits for our output's end does not wait for it.
    const int pipe = ::dup2(ends[0], STDIN_FILENO);
    ::syscall(SYS_close_range, 1U, ~0U, 0U);
    keep(pipe);
  }
  ::close(ends[0]);
  pipe_ = FileDescriptor(ends[1]);
}

Keeper::~Keeper() {
  pipe_.reset();
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) continue;
}

void Keeper::tell(std::string_view line) const {
  while (::write(pipe_.number(), line.data(), line.size()) < 0 && errno == EINTR) continue;
}

void Keeper::add_group(int group) const {
  tell(fmt::format("+{}\n", group));
}

void Keeper::forget_group(int group) const {
  tell(fmt::format("-{}\n", group));
}

void Keeper::add_folder(const std::filesystem::path& folder) const {
  tell(folder.string() + "\n");
}

}  // namespace creel::emulator

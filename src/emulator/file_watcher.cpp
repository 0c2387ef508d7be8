#include "emulator/file_watcher.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <sys/inotify.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/failure.h"

namespace creel::emulator {
namespace asio = boost::asio;

FileWatcher::FileWatcher(const asio::any_io_executor& executor,
                         std::function<void(const std::filesystem::path&)> on_change)
    : on_change_(std::move(on_change)), inotify_(executor) {
  const int fd = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (fd < 0) throw Failure(FailureKind::internal, fmt::format("cannot watch files: {}", std::strerror(errno)));
  inotify_.assign(fd);
  wait();
}

FileWatcher::~FileWatcher() {
  *alive_ = false;
}

bool FileWatcher::add(const std::filesystem::path& file) {
  // The folder, since a file that is replaced takes a watch of its own with it.
  auto folder = file.parent_path();
  if (folder.empty()) folder = ".";
  const int watch = ::inotify_add_watch(inotify_.native_handle(), folder.c_str(), IN_CLOSE_WRITE | IN_MOVED_TO);
  if (watch < 0) return false;
  watched_[watch][file.filename().string()] = file;
  return true;
}

void FileWatcher::wait() {
  inotify_.async_wait(asio::posix::stream_descriptor::wait_read,
                      [this, alive = alive_](const boost::system::error_code& error) {
                        if (error || !*alive) return;
                        read_events();
                        if (*alive) wait();
                      });
}

void FileWatcher::read_events() {
  alignas(inotify_event) std::array<char, 16384> buffer;
  std::set<std::filesystem::path> changed;
  for (;;) {
    const auto count = ::read(inotify_.native_handle(), buffer.data(), buffer.size());
    if (count <= 0) break;
    for (std::size_t at = 0; at < static_cast<std::size_t>(count);) {
      inotify_event event{};
      std::memcpy(&event, buffer.data() + at, sizeof event);
      const auto folder = watched_.find(event.wd);
      if (event.len > 0 && folder != watched_.end()) {
        const auto file = folder->second.find(buffer.data() + at + sizeof event);
        if (file != folder->second.end()) changed.insert(file->second);
      }
      at += sizeof event + event.len;
    }
  }
  for (const auto& file : changed) on_change_(file);
}

}  // namespace creel::emulator

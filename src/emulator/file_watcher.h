#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

namespace creel::emulator {

/// Tells when files have been written anew or replaced. Threads: its own event loop.
class FileWatcher {
 public:
  /// @param on_change  gets the path as it was given to `add`
  FileWatcher(const boost::asio::any_io_executor& executor,
              std::function<void(const std::filesystem::path&)> on_change);
  ~FileWatcher();
  FileWatcher(const FileWatcher&) = delete;
  FileWatcher& operator=(const FileWatcher&) = delete;

  /// False if the folder cannot be watched.
  bool add(const std::filesystem::path& file);

 private:
  void wait();
  void read_events();

  std::function<void(const std::filesystem::path&)> on_change_;
  boost::asio::posix::stream_descriptor inotify_;
  /// By watch: the file names in the folder, and the paths that they were given as.
  std::map<int, std::map<std::string, std::filesystem::path>> watched_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace creel::emulator

#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include <boost/asio/thread_pool.hpp>

#include "base/task.h"
#include "emulator/function_registry.h"

namespace creel::emulator {

/// Unpacks zips, each into a folder of its own below one private folder, which goes with the store.
/// Threads: the emulator's event loop; the work is done on a thread of its own.
class CodeStore {
 public:
  /// Makes the private folder.
  /// @throws Failure internal  it cannot be made
  CodeStore();
  ~CodeStore();
  CodeStore(const CodeStore&) = delete;
  CodeStore& operator=(const CodeStore&) = delete;

  /// Unpacks a zip.
  /// @throws Failure bad_request  it is no zip, or one that must not be unpacked
  Task<std::shared_ptr<const FunctionCode>> add(std::string zip);

  /// The private folder; readable by the functions' user.
  const std::filesystem::path& folder() const { return folder_; }

 private:
  std::filesystem::path folder_;
  std::uint64_t next_ = 1;
  boost::asio::thread_pool thread_{1};
};

}  // namespace creel::emulator

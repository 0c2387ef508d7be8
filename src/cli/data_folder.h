#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <sys/types.h>

#include "base/file_descriptor.h"
#include "base/secret.h"

namespace creel {

/// Where a backend that runs can be found, as its data folder says.
struct RunningBackend {
  pid_t pid = 0;
  std::string url;
};

/// The backend's folder while it runs: it is there, belongs to this process alone, and says where the backend is.
/// Threads: one.
class DataFolder {
 public:
  /// Makes the folder if need be, for this user alone.
  /// @throws Failure bad_request  it cannot be made or written, or another backend has it
  explicit DataFolder(std::filesystem::path folder);
  /// Takes the announcement back.
  ~DataFolder();
  DataFolder(const DataFolder&) = delete;
  DataFolder& operator=(const DataFolder&) = delete;

  /// Writes serve.json, from which the other commands learn where the backend is.
  void announce(const std::string& url);

 private:
  std::filesystem::path folder_;
  FileDescriptor lock_;
  bool is_announced_ = false;
};

/// The backend that has announced itself in the folder and still runs; nothing if there is none.
std::optional<RunningBackend> find_running(const std::filesystem::path& folder);

/// The secret in the folder with which a backend without other configuration signs tokens; made on the first call, and
/// readable for this user alone.
/// @throws Failure bad_request  the folder is not there, or the file cannot be made or used
Secret own_secret(const std::filesystem::path& folder);

/// The text of a file that holds a secret of any length, blanks around it left out.
/// @throws Failure bad_request  it cannot be read, or is empty
Secret read_secret_text(const std::filesystem::path& file);

}  // namespace creel

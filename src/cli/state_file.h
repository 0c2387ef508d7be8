#pragma once

#include <filesystem>

namespace creel {

/// The catalog file that a run works with: the job's own, or for a dry run a copy that goes away again.
class StateFile {
 public:
  enum class Use : std::uint8_t { itself, copy };

  /// @throws Failure bad_request  its folder cannot be made, or it is in use
  StateFile(std::filesystem::path file, Use use);
  ~StateFile();
  StateFile(const StateFile&) = delete;
  StateFile& operator=(const StateFile&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  std::filesystem::path temporary_folder_;
};

}  // namespace creel

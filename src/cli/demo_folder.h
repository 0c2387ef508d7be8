#pragma once

#include <filesystem>

namespace creel {

/// The folder of `creel demo`, where each run begins afresh. Immutable.
class DemoFolder {
 public:
  /// Makes the folder if need be, and removes what an earlier demonstration has left in it; what else is there stays.
  /// @throws Failure bad_request  it cannot be made, somebody works in it, or it has files of such names that are no
  ///                              demonstration's
  explicit DemoFolder(const std::filesystem::path& folder);

  /// Absolute.
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path images() const { return path_ / "images"; }
  std::filesystem::path zip() const { return path_ / "fetch-store-image.zip"; }
  std::filesystem::path log() const { return path_ / "creel.log"; }
  std::filesystem::path function_log() const { return path_ / "function.log"; }

 private:
  std::filesystem::path path_;
};

/// From now on the folder is somebody's own, and no demonstration begins afresh there. Nothing if none had been in it.
/// @throws Failure bad_request  its mark cannot be removed
void take_over_from_demo(const std::filesystem::path& folder);

}  // namespace creel

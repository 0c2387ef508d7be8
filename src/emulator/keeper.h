#pragma once

#include <filesystem>
#include <string_view>

#include "base/file_descriptor.h"

namespace creel::emulator {

/// A small process beside this one, that clears up should this one be killed: it ends the functions' process groups, of
/// which the kernel would end the first process alone, and removes the private folder. Threads: one.
class Keeper {
 public:
  /// Starts it; to be called before there are other threads.
  /// @throws Failure internal
  Keeper();
  /// Has it end, after clearing up what it was told of and not told to forget.
  ~Keeper();
  Keeper(const Keeper&) = delete;
  Keeper& operator=(const Keeper&) = delete;

  void add_group(int group) const;
  void forget_group(int group) const;
  void add_folder(const std::filesystem::path& folder) const;

 private:
  void tell(std::string_view line) const;

  FileDescriptor pipe_;
  int pid_ = -1;
};

}  // namespace creel::emulator

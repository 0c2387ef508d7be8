#pragma once

#include <map>
#include <string>
#include <string_view>

#include "zip/zip_archive.h"

namespace creel {

/// The relative path that an archive's `name` stands for: without "." and empty parts, and without the "/" at the end
/// that marks a folder; empty for the root itself.
/// @throws Failure bad_request for a name that is absolute, contains "..", or is too long for a file system
std::string clean_zip_name(std::string_view name);

/// Refuses a symlink at `name` that may lead out of the root. A target may begin with as many ".." as stay inside; a
/// ".." further on is refused, since what it leads to depends on other links.
/// @throws Failure bad_request
void check_symlink(std::string_view name, std::string_view target);

/// What an archive holds, by name. Threads: one.
class ZipNames {
 public:
  /// Returns false for a folder that is there already, which some tools write twice.
  /// @throws Failure bad_request when a file or a symlink of that name is there already
  bool add(const std::string& name, ZipEntryType type);

  /// @throws Failure bad_request when something lies inside of what is no folder
  void check_parents() const;

 private:
  std::map<std::string, ZipEntryType, std::less<>> types_;
};

}  // namespace creel

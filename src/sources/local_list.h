#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>

#include "base/file_descriptor.h"

namespace creel {

/// Where lists may be that are files.
struct ListPlaces {
  /// In or below one of these.
  std::span<const std::filesystem::path> folders;
  /// And in none of these, nor below.
  std::span<const std::filesystem::path> closed{};
};

/// What is wrong with the path of a list by its words alone, without a look at any file; nothing if it is where lists may
/// be. So nobody learns from the answer what there is elsewhere.
std::optional<std::string> path_error(const std::filesystem::path& path, ListPlaces places);

/// Opens a list for reading. What counts is where the file really is, symbolic links followed, and it is found out on the
/// opened file itself, so that nobody can put another one in its place in between. Devices and pipes are not opened.
/// @throws Failure bad_request  the path is where no lists may be, not there, or no plain file; it says no more than that
FileDescriptor open_local_list(const std::filesystem::path& path, ListPlaces places);

/// Changes with the file's contents: of its size, time of change and number.
std::string file_version(const FileDescriptor& file);

}  // namespace creel

#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>

#include "base/file_descriptor.h"

namespace creel {

/// What is wrong with the path of a list by its words alone, without a look at any file; nothing if it is in or below one
/// of the folders. So nobody learns from the answer what there is outside of them.
std::optional<std::string> path_error(const std::filesystem::path& path,
                                      std::span<const std::filesystem::path> folders);

/// Opens a list for reading. What counts is where the file really is, symbolic links followed, and it is found out on the
/// opened file itself, so that nobody can put another one in its place in between. Devices and pipes are not opened.
/// @throws Failure bad_request  the path is outside of all folders, not there, or no plain file; it says no more than that
FileDescriptor open_local_list(const std::filesystem::path& path, std::span<const std::filesystem::path> folders);

/// Changes with the file's contents: of its size, time of change and number.
std::string file_version(const FileDescriptor& file);

}  // namespace creel

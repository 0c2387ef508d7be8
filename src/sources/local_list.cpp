#include "sources/local_list.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

#include <fmt/format.h>

#include "base/failure.h"

namespace creel {
namespace fs = std::filesystem;
namespace {

/// True if `path` is `folder` or below it; both absolute and normal.
bool is_below(const fs::path& path, const fs::path& folder) {
  const auto [in_folder, in_path] = std::ranges::mismatch(folder, path);
  // A folder's path may end with a slash, which is an empty name at its end.
  return in_folder == folder.end() || (in_folder->empty() && std::next(in_folder) == folder.end());
}

/// Where an opened file really is.
fs::path real_path(const FileDescriptor& file) {
  std::error_code error;
  return fs::read_symlink(fmt::format("/proc/self/fd/{}", file.number()), error);
}

/// Symbolic links on the way to the folders resolved.
bool is_really_below(const fs::path& path, std::span<const fs::path> folders) {
  return std::ranges::any_of(folders, [&](const fs::path& folder) {
    std::error_code error;
    const auto real = fs::canonical(folder, error);
    return !error && is_below(path, real);
  });
}

/// By their words.
bool seems_below(const fs::path& path, std::span<const fs::path> folders) {
  return std::ranges::any_of(folders, [&](const fs::path& folder) {
    return is_below(path.lexically_normal(), fs::absolute(folder).lexically_normal());
  });
}

[[noreturn]] void refuse(const fs::path& path, std::string_view reason) {
  throw Failure(FailureKind::bad_request, fmt::format("cannot read the list {}: {}", path.string(), reason));
}

struct stat facts_of(const FileDescriptor& file) {
  struct stat facts{};
  if (fstat(file.number(), &facts) != 0) throw std::system_error(errno, std::generic_category(), "fstat");
  return facts;
}

}  // namespace

std::optional<std::string> path_error(const fs::path& path, ListPlaces places) {
  if (places.folders.empty()) {
    return "this server reads no lists from its own files: its configuration names no folder for them ([sources] "
           "list_folders)";
  }
  if (!path.is_absolute()) return "the path of a list must be absolute";
  if (path.native().find('\0') != std::string::npos) return "the path of a list must not contain NUL";
  if (seems_below(path, places.closed)) return "no lists are read from there";
  if (seems_below(path, places.folders)) return std::nullopt;
  return "the path is in none of the folders that the server's configuration names for lists ([sources] list_folders)";
}

FileDescriptor open_local_list(const fs::path& path, ListPlaces places) {
  if (const auto error = path_error(path, places)) refuse(path, *error);
  // Opened for its place alone: that has no effect on devices and pipes, and waits for nobody.
  const FileDescriptor place(open(path.c_str(), O_PATH | O_CLOEXEC));
  if (!place) refuse(path, std::generic_category().message(errno));
  const auto real = real_path(place);
  if (!real.is_absolute() || !is_really_below(real, places.folders) || is_really_below(real, places.closed)) {
    refuse(path, "a symbolic link leads out of the folders for lists");
  }
  if (!S_ISREG(facts_of(place).st_mode)) refuse(path, "it is no plain file");
  FileDescriptor file(open(fmt::format("/proc/self/fd/{}", place.number()).c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!file) refuse(path, std::generic_category().message(errno));
  return file;
}

std::string file_version(const FileDescriptor& file) {
  const auto facts = facts_of(file);
  return fmt::format("{} {} {}.{}", facts.st_ino, facts.st_size, facts.st_mtim.tv_sec, facts.st_mtim.tv_nsec);
}

}  // namespace creel

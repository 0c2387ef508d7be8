#include <cerrno>
#include <fcntl.h>
#include <map>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

#include <fmt/format.h>

#include "base/failure.h"
#include "base/file_descriptor.h"
#include "zip/zip_archive.h"

namespace creel {
namespace {

namespace fs = std::filesystem;

constexpr unsigned kImpliedFolderMode = 0755;
constexpr unsigned kOwnerOnly = 0700;

[[noreturn]] void fail(const fs::path& path, int error) {
  throw Failure(FailureKind::store_error,
                fmt::format("'{}': {}", path.string(), std::generic_category().message(error)));
}

/// Makes the folders of an archive below a root, and gives them their permissions when all is in them: a folder that
/// may not be written to could not be filled.
class FolderMaker {
 public:
  explicit FolderMaker(fs::path root) : root_(std::move(root)) {}

  void make(const std::string& name, unsigned mode) {
    make_parents(name);
    make_one(name);
    modes_[name] = mode | kOwnerOnly;
  }

  void make_parents(const std::string& name) {
    for (auto slash = name.find('/'); slash != std::string::npos; slash = name.find('/', slash + 1)) {
      const auto parent = name.substr(0, slash);
      if (modes_.try_emplace(parent, kImpliedFolderMode).second) make_one(parent);
    }
  }

  void set_permissions() const {
    for (const auto& [name, mode] : modes_) {
      if (::chmod((root_ / name).c_str(), mode) != 0) fail(root_ / name, errno);
    }
  }

 private:
  void make_one(const std::string& name) const {
    if (::mkdir((root_ / name).c_str(), kOwnerOnly) != 0 && errno != EEXIST) fail(root_ / name, errno);
  }

  fs::path root_;
  std::map<std::string, unsigned> modes_;
};

void write_all(int file, std::string_view bytes, const fs::path& path) {
  while (!bytes.empty()) {
    const auto count = ::write(file, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail(path, errno);
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

void unpack_file(const ZipReader& zip, const ZipItem& item, const fs::path& path) {
  const FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) fail(path, errno);
  zip.read(item, [&](std::string_view piece) { write_all(file.number(), piece, path); });
  if (::fchmod(file.number(), item.mode) != 0) fail(path, errno);
}

void make_empty_root(const fs::path& folder) {
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (failed) fail(folder, failed.value());
  const bool is_empty = fs::is_empty(folder, failed);
  if (failed) fail(folder, failed.value());
  if (!is_empty) {
    throw Failure(FailureKind::store_error,
                  fmt::format("'{}' is not empty: nothing is unpacked into it", folder.string()));
  }
}

}  // namespace

void unpack_zip(const ZipReader& zip, const fs::path& folder) {
  make_empty_root(folder);
  FolderMaker folders(folder);
  for (const auto& item : zip.items()) {
    if (item.type == ZipEntryType::folder) {
      folders.make(item.name, item.mode);
    } else {
      folders.make_parents(item.name);
    }
    if (item.type == ZipEntryType::file) unpack_file(zip, item, folder / item.name);
  }
  // Symlinks last: while there are none, no name can lead out of the folder.
  for (const auto& item : zip.items()) {
    if (item.type != ZipEntryType::symlink) continue;
    const auto path = folder / item.name;
    if (::symlink(zip.read(item).c_str(), path.c_str()) != 0) fail(path, errno);
  }
  folders.set_permissions();
}

void unpack_zip(std::string_view bytes, const fs::path& folder, const ZipLimits& limits) {
  unpack_zip(ZipReader::from_bytes(bytes, limits), folder);
}

}  // namespace creel

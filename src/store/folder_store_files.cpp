#include "store/folder_store_files.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <random>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <system_error>
#include <unistd.h>

#include <climits>
#include <fmt/format.h>

#include "base/text.h"

namespace creel {
namespace {

namespace fs = std::filesystem;

constexpr auto kUnfinished = ".creel-unfinished";
constexpr auto kLock = "lock";
constexpr mode_t kFileMode = 0666;
constexpr mode_t kFolderMode = 0777;

/// Keys are clean when object_key.h makes them; one that comes from elsewhere must not name what is not ours.
void check_key(const ObjectKey& key) {
  const auto segments = split(key.value, '/');
  const bool sound = std::ranges::none_of(segments, [](std::string_view segment) {
    return segment.empty() || segment == "." || segment == ".." || segment.find('\0') != std::string_view::npos;
  });
  if (!sound || segments.front() == kUnfinished) {
    throw Failure(FailureKind::store_error, fmt::format("the key '{}' is no file's name", key.value));
  }
}

FileDescriptor open_folder(int parent, const std::string& name) {
  return FileDescriptor(::openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

/// Some file systems know no syncing of folders; there is nothing to be had from them then.
void sync_folder(int folder, const fs::path& path) {
  if (::fsync(folder) != 0 && errno != EINVAL) throw file_failure(errno, path);
}

/// Opens a folder, which is made if it is not there and then is on disk for certain.
FileDescriptor make_folder(int parent, const std::string& name, const fs::path& path) {
  if (auto folder = open_folder(parent, name)) return folder;
  if (errno != ENOENT) throw file_failure(errno, path);
  if (::mkdirat(parent, name.c_str(), kFolderMode) != 0 && errno != EEXIST) throw file_failure(errno, path);
  sync_folder(parent, path.parent_path());
  auto folder = open_folder(parent, name);
  if (!folder) throw file_failure(errno, path);
  return folder;
}

/// Makes the root and the folders above it. Unlike those below they may be symbolic links, and may be
/// unreadable.
void make_root(const fs::path& root) {
  if (fs::exists(root)) return;
  make_root(root.parent_path());
  if (::mkdir(root.c_str(), kFolderMode) != 0 && errno != EEXIST) throw file_failure(errno, root);
  const FileDescriptor parent(::open(root.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (parent) sync_folder(parent.number(), root.parent_path());
}

/// Moves a file only if nothing has the new name. NFS cannot rename so, but it can link.
int rename_if_absent(int from_folder, const std::string& from, int to_folder, const std::string& to) {
  const int renamed = ::renameat2(from_folder, from.c_str(), to_folder, to.c_str(), RENAME_NOREPLACE);
  if (renamed == 0 || (errno != EINVAL && errno != ENOSYS)) return renamed;
  if (::linkat(from_folder, from.c_str(), to_folder, to.c_str(), 0) != 0) return -1;
  ::unlinkat(from_folder, from.c_str(), 0);
  return 0;
}

std::size_t read_some(int file, std::span<char> out, const fs::path& path) {
  for (;;) {
    const auto count = ::read(file, out.data(), out.size());
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno != EINTR) throw file_failure(errno, path);
  }
}

struct ::stat status_of(int file, const fs::path& path) {
  struct ::stat status{};
  if (::fstat(file, &status) != 0) throw file_failure(errno, path);
  return status;
}

/// What is at `path`, which lies in the open folder `folder`; nothing if nothing is there.
std::optional<mode_t> mode_of(int folder, const fs::path& path) {
  struct ::stat status{};
  if (::fstatat(folder, path.filename().c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0) return status.st_mode;
  if (errno != ENOENT) throw file_failure(errno, path);
  return std::nullopt;
}

std::string random_prefix() {
  std::random_device random;
  return fmt::format("{}-{:08x}{:08x}", ::getpid(), random(), random());
}

}  // namespace

Failure file_failure(int error, const fs::path& path) {
  switch (error) {
    case EISDIR:
      return {FailureKind::store_error, fmt::format("'{}' is a folder where a file is needed", path.string())};
    case ENOTDIR:
    case ELOOP:
      return {FailureKind::store_error,
              fmt::format("'{}' is a file or a symbolic link where a folder is needed", path.string())};
    default: break;
  }
  const bool denied = error == EACCES || error == EPERM || error == EROFS || error == ENOSPC || error == EDQUOT;
  return {denied ? FailureKind::store_denied : FailureKind::store_error,
          fmt::format("'{}': {}", path.string(), std::generic_category().message(error))};
}

UnfinishedFile::UnfinishedFile(int folder, std::string name, fs::path path)
    : folder_(folder),
      name_(std::move(name)),
      path_(std::move(path)),
      file_(::openat(folder, name_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kFileMode)) {
  if (!file_) throw file_failure(errno, path_);
}

UnfinishedFile::~UnfinishedFile() {
  if (is_there_) ::unlinkat(folder_, name_.c_str(), 0);
}

void UnfinishedFile::append(const BodyView& data) {
  std::vector<::iovec> pieces;
  for (const auto& piece : data.pieces()) {
    pieces.push_back({.iov_base = const_cast<std::byte*>(piece.data()), .iov_len = piece.size()});
  }
  std::span<::iovec> left = pieces;
  while (!left.empty()) {
    const auto count =
        ::writev(file_.number(), left.data(), static_cast<int>(std::min<std::size_t>(left.size(), IOV_MAX)));
    if (count < 0 && errno != EINTR) throw file_failure(errno, path_);
    auto written = static_cast<std::size_t>(std::max<::ssize_t>(count, 0));
    while (!left.empty() && written >= left.front().iov_len) {
      written -= left.front().iov_len;
      left = left.subspan(1);
    }
    if (!left.empty()) {
      left.front().iov_base = static_cast<std::byte*>(left.front().iov_base) + written;
      left.front().iov_len -= written;
    }
  }
}

bool UnfinishedFile::publish(int folder, const fs::path& place, PutCondition condition) {
  if (::fdatasync(file_.number()) != 0) throw file_failure(errno, path_);
  const std::string name = place.filename();
  const bool only_if_absent = condition == PutCondition::absent_only;
  const int renamed = only_if_absent ? rename_if_absent(folder_, name_, folder, name)
                                     : ::renameat(folder_, name_.c_str(), folder, name.c_str());
  if (renamed != 0) {
    if (!only_if_absent || errno != EEXIST) throw file_failure(errno, place);
    const auto mode = mode_of(folder, place);
    if (mode && S_ISDIR(*mode)) throw file_failure(EISDIR, place);
    return false;
  }
  is_there_ = false;
  return true;
}

std::string OpenFile::read(std::uint64_t offset, std::size_t max_bytes) const {
  if (offset >= size_bytes_) return {};
  std::string bytes(static_cast<std::size_t>(std::min<std::uint64_t>(max_bytes, size_bytes_ - offset)), '\0');
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const auto count =
        ::pread(file_.number(), bytes.data() + filled, bytes.size() - filled, static_cast<::off_t>(offset + filled));
    if (count < 0 && errno != EINTR) throw file_failure(errno, path_);
    if (count == 0) break;
    filled += static_cast<std::size_t>(std::max<::ssize_t>(count, 0));
  }
  bytes.resize(filled);
  return bytes;
}

ObjectFolder::ObjectFolder(fs::path root, std::string prefix)
    : root_(std::move(root)), prefix_(std::move(prefix)), name_prefix_(random_prefix()) {
  try {
    root_ = fs::absolute(root_).lexically_normal();
    if (!root_.has_filename()) root_ = root_.parent_path();
    open_root();
  } catch (const fs::filesystem_error& error) {
    throw Failure(FailureKind::store_denied, fmt::format("'{}': {}", root_.string(), error.code().message()));
  } catch (const Failure& failure) {
    throw Failure(FailureKind::store_denied, failure.what());
  }
}

void ObjectFolder::open_root() {
  make_root(root_);
  root_folder_ = FileDescriptor(::open(root_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!root_folder_) throw file_failure(errno, root_);
  unfinished_folder_ = make_folder(root_folder_.number(), kUnfinished, root_ / kUnfinished);

  lock_ = FileDescriptor(
      ::openat(unfinished_folder_.number(), kLock, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, kFileMode));
  if (!lock_) throw file_failure(errno, root_ / kUnfinished / kLock);
  // Every store holds the lock shared; who gets it alone is alone. Where locks do not work nobody cleans up.
  if (::flock(lock_.number(), LOCK_EX | LOCK_NB) == 0) clean_up();
  while (::flock(lock_.number(), LOCK_SH) != 0 && errno == EINTR) continue;
}

void ObjectFolder::clean_up() const {
  for (const auto& entry : fs::directory_iterator(root_ / kUnfinished)) {
    const auto name = entry.path().filename();
    if (name != kLock) ::unlinkat(unfinished_folder_.number(), name.c_str(), 0);
  }
}

std::unique_ptr<UnfinishedFile> ObjectFolder::begin() const {
  auto name = fmt::format("{}-{}", name_prefix_, next_name_.fetch_add(1));
  auto path = root_ / kUnfinished / name;
  return std::make_unique<UnfinishedFile>(unfinished_folder_.number(), std::move(name), std::move(path));
}

FileDescriptor ObjectFolder::open_parent(const ObjectKey& key, MissingFolders missing) const {
  const auto all = whole(key);
  check_key(all);
  auto folder = open_folder(root_folder_.number(), ".");
  if (!folder) throw file_failure(errno, root_);
  auto path = root_;
  const auto segments = split(all.value, '/');
  for (const auto segment : std::span(segments).first(segments.size() - 1)) {
    const std::string name(segment);
    path /= name;
    if (missing == MissingFolders::make) {
      folder = make_folder(folder.number(), name, path);
    } else {
      auto next = open_folder(folder.number(), name);
      if (!next && errno == ENOENT) return next;
      if (!next) throw file_failure(errno, path);
      folder = std::move(next);
    }
  }
  return folder;
}

bool ObjectFolder::publish(UnfinishedFile& file, const ObjectKey& key, PutCondition condition) const {
  const auto folder = open_parent(key, MissingFolders::make);
  const auto place = path_of(key);
  if (!file.publish(folder.number(), place, condition)) return false;
  sync_folder(folder.number(), place.parent_path());
  return true;
}

bool ObjectFolder::exists(const ObjectKey& key) const {
  const auto folder = open_parent(key, MissingFolders::leave);
  if (!folder) return false;
  const auto mode = mode_of(folder.number(), path_of(key));
  if (mode && S_ISDIR(*mode)) throw file_failure(EISDIR, path_of(key));
  return mode.has_value();
}

/// Opens the file for reading; nothing if it is not there or is no ordinary file.
FileDescriptor ObjectFolder::open_file(const ObjectKey& key) const {
  const auto folder = open_parent(key, MissingFolders::leave);
  if (!folder) return FileDescriptor();
  // Not to wait for a writer, should it be a named pipe.
  constexpr int kFlags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
  FileDescriptor file(::openat(folder.number(), path_of(key).filename().c_str(), kFlags));
  if (!file && (errno == ENOENT || errno == ELOOP || errno == ENXIO)) return FileDescriptor();
  if (!file) throw file_failure(errno, path_of(key));
  const auto mode = status_of(file.number(), path_of(key)).st_mode;
  if (S_ISDIR(mode)) throw file_failure(EISDIR, path_of(key));
  return S_ISREG(mode) ? std::move(file) : FileDescriptor();
}

bool ObjectFolder::holds(const ObjectKey& key, std::size_t size_bytes, const Sha256Digest& sha256) const {
  const auto file = open_file(key);
  if (!file) return false;
  if (static_cast<std::size_t>(status_of(file.number(), path_of(key)).st_size) != size_bytes) return false;
  Sha256 hash;
  std::array<char, 65536> block;
  while (const auto count = read_some(file.number(), block, path_of(key))) {
    hash.update(std::as_bytes(std::span(block).first(count)));
  }
  return hash.finish() == sha256;
}

std::optional<std::string> ObjectFolder::read(const ObjectKey& key, std::size_t max_bytes) const {
  const auto file = open_file(key);
  if (!file) return std::nullopt;
  const auto size_bytes = static_cast<std::size_t>(status_of(file.number(), path_of(key)).st_size);
  std::string bytes(std::min(size_bytes, max_bytes), '\0');
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const auto count = read_some(file.number(), std::span(bytes).subspan(filled), path_of(key));
    if (count == 0) break;
    filled += count;
  }
  bytes.resize(filled);
  return bytes;
}

std::unique_ptr<OpenFile> ObjectFolder::open(const ObjectKey& key) const {
  auto file = open_file(key);
  if (!file) return nullptr;
  const auto size_bytes = static_cast<std::uint64_t>(status_of(file.number(), path_of(key)).st_size);
  return std::make_unique<OpenFile>(std::move(file), size_bytes, path_of(key));
}

void ObjectFolder::remove(const ObjectKey& key) const {
  const auto folder = open_parent(key, MissingFolders::leave);
  if (!folder) return;
  if (::unlinkat(folder.number(), path_of(key).filename().c_str(), 0) != 0) {
    if (errno == ENOENT) return;
    throw file_failure(errno, path_of(key));
  }
  sync_folder(folder.number(), path_of(key).parent_path());
}

}  // namespace creel

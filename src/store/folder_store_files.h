#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/byte_buffer.h"
#include "base/failure.h"
#include "base/file_descriptor.h"
#include "base/hash.h"
#include "store/object_store.h"

namespace creel {

/// What an error of the file system means: `store_denied` where no other file would fare better (no
/// permission, no space, read-only), else `store_error`. The message names `path` and the system's reason.
Failure file_failure(int error, const std::filesystem::path& path);

/// A file being written in the folder of unfinished ones. It is removed when it goes, unless it was
/// published; what cannot be removed then is left to the next clean-up. Threads: one at a time; its functions
/// block.
class UnfinishedFile {
 public:
  /// @param folder  must stay open as long as the file
  UnfinishedFile(int folder, std::string name, std::filesystem::path path);
  ~UnfinishedFile();
  UnfinishedFile(const UnfinishedFile&) = delete;
  UnfinishedFile& operator=(const UnfinishedFile&) = delete;

  /// @throws Failure as `file_failure`
  void append(const BodyView& data);

  /// Moves the whole file, on disk for certain, to `place`, which lies in the open folder `folder`.
  /// @return false if something is there already and `condition` is `absent_only`
  bool publish(int folder, const std::filesystem::path& place, PutCondition condition);

 private:
  int folder_;
  std::string name_;
  std::filesystem::path path_;
  FileDescriptor file_;
  bool is_there_ = true;
};

/// A file that is being read. Threads: one at a time; its functions block.
class OpenFile {
 public:
  OpenFile(FileDescriptor file, std::uint64_t size_bytes, std::filesystem::path path)
      : file_(std::move(file)), size_bytes_(size_bytes), path_(std::move(path)) {}

  /// As it was when the file was opened.
  std::uint64_t size_bytes() const { return size_bytes_; }

  /// The bytes from `offset` on, at most `max_bytes`; empty at the end.
  /// @throws Failure as `file_failure`
  std::string read(std::uint64_t offset, std::size_t max_bytes) const;

 private:
  FileDescriptor file_;
  std::uint64_t size_bytes_;
  std::filesystem::path path_;
};

/// The files of a FolderStore. No symbolic link below the root is followed, so nothing is ever read or
/// written outside of it. Threads: any; all functions block. All throw Failure as `file_failure`, and
/// `store_error` for a file or symbolic link where a folder is needed, a folder where a file is, and a key
/// that is no file's name.
class ObjectFolder {
 public:
  /// Makes the folder if need be. What a crash has left of unfinished files is removed, if no living process
  /// uses the folder.
  /// @throws Failure store_denied  whatever it is that keeps us from using the folder
  /// @param prefix  goes before every key, with "/" between; may be empty
  explicit ObjectFolder(std::filesystem::path root, std::string prefix = {});

  /// A new file; must not outlive this.
  std::unique_ptr<UnfinishedFile> begin() const;

  /// Moves a file to its place and makes the folders above it; all of it is on disk afterwards.
  /// @return as `UnfinishedFile::publish`
  bool publish(UnfinishedFile& file, const ObjectKey& key, PutCondition condition) const;

  bool exists(const ObjectKey& key) const;

  /// True if the file is there with these bytes.
  bool holds(const ObjectKey& key, std::size_t size_bytes, const Sha256Digest& sha256) const;

  std::optional<std::string> read(const ObjectKey& key, std::size_t max_bytes) const;

  /// Opens a file to be read in pieces; null if it is not there.
  std::unique_ptr<OpenFile> open(const ObjectKey& key) const;

  /// A file that is not there is no error.
  void remove(const ObjectKey& key) const;

  std::filesystem::path path_of(const ObjectKey& key) const { return root_ / whole(key).value; }

 private:
  enum class MissingFolders : std::uint8_t { make, leave };

  ObjectKey whole(const ObjectKey& key) const { return prefix_.empty() ? key : ObjectKey{prefix_ + "/" + key.value}; }
  void open_root();
  void clean_up() const;
  FileDescriptor open_parent(const ObjectKey& key, MissingFolders missing) const;
  FileDescriptor open_file(const ObjectKey& key) const;

  std::filesystem::path root_;
  std::string prefix_;
  FileDescriptor root_folder_;
  FileDescriptor unfinished_folder_;
  /// Locked as long as the process lives.
  FileDescriptor lock_;
  /// Tells this store's unfinished files from those of others on the same folder.
  std::string name_prefix_;
  mutable std::atomic<std::uint64_t> next_name_{0};
};

}  // namespace creel

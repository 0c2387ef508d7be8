#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace creel {

enum class ZipEntryType : std::uint8_t { file, folder, symlink };

/// One thing in an archive that is held in memory.
struct ZipEntry {
  /// Relative, in UTF-8, with "/" between its parts and none at its end: "lib/libfoo.so.1".
  std::string name;
  ZipEntryType type = ZipEntryType::file;
  /// The permission bits alone, at most 0777.
  unsigned mode = 0644;
  /// A file's content; a symlink's target; nothing for a folder.
  std::string bytes;
};

/// One thing in an archive, as the archive's directory describes it: the name cleaned and checked, the permissions with
/// 0644 and 0755 (folders) where the archive states none, the sizes as claimed.
struct ZipItem {
  std::string name;
  ZipEntryType type = ZipEntryType::file;
  unsigned mode = 0644;
  std::uint64_t size = 0;
  std::uint64_t compressed_size = 0;
  /// Its place in the archive's directory.
  std::uint64_t index = 0;
};

/// What an archive may hold at most; the defaults are those of a Lambda function.
struct ZipLimits {
  std::uint64_t max_unpacked_bytes = 262'144'000;
  std::size_t max_items = 100'000;
};

/// Reads a zip archive that a stranger may have made.
///
/// Opening it checks the whole directory: names that are absolute or lead out of the root, names that are there twice,
/// things inside of what is no folder, symlinks that point out of the root, devices, encrypted items, compression other
/// than "stored" and "deflated", and the limits. What is unpacked later is held to the sizes that the directory states,
/// so that a zip bomb is noticed before it is unpacked.
/// Threads: one at a time.
class ZipReader {
 public:
  /// Takes piece after piece of a file's content.
  using Sink = std::function<void(std::string_view)>;

  /// @param bytes  must stay as they are while the reader lives
  /// @throws Failure bad_request (not an archive that can be used; the message says why), too_large (over a limit)
  static ZipReader from_bytes(std::string_view bytes, const ZipLimits& limits = {});

  /// @throws Failure like `from_bytes`; not_found when there is no such file, internal when it cannot be read
  static ZipReader from_file(const std::filesystem::path& file, const ZipLimits& limits = {});

  ~ZipReader();
  ZipReader(ZipReader&&) noexcept;
  ZipReader& operator=(ZipReader&&) noexcept;

  /// In the order of the archive's directory.
  const std::vector<ZipItem>& items() const { return items_; }

  /// The item of that name, or nullptr; valid as long as the reader.
  const ZipItem* find(std::string_view name) const;

  /// What all files take when unpacked.
  std::uint64_t unpacked_bytes() const { return unpacked_bytes_; }

  /// Unpacks a file, or the target of a symlink; a folder has no content. The CRC has been checked when this returns.
  /// @param item  one of `items()`
  /// @throws Failure bad_request when the content is damaged, or not as long as the directory states
  std::string read(const ZipItem& item) const;
  void read(const ZipItem& item, const Sink& sink) const;

  /// Unpacks the first bytes of a file; without the check of the CRC, unless that is all of it.
  std::string read_start(const ZipItem& item, std::size_t max_bytes) const;

 private:
  struct Archive;

  ZipReader(std::unique_ptr<Archive> archive, const ZipLimits& limits);
  void read_pieces(const ZipItem& item, std::uint64_t max_bytes, const Sink& sink) const;

  std::unique_ptr<Archive> archive_;
  std::vector<ZipItem> items_;
  std::uint64_t unpacked_bytes_ = 0;
};

/// All of an archive, in memory.
/// @throws Failure as `ZipReader` does
std::vector<ZipEntry> read_zip(std::string_view bytes, const ZipLimits& limits = {});

/// Unpacks all of an archive into `folder`, which is made if it is missing and must be empty. Permissions are those in
/// the archive, whatever the umask; folders that the archive does not list get 0755. Owners and times are not kept.
/// After a failure, what was unpacked so far stays there: the caller removes the folder.
/// @throws Failure as `ZipReader` does; store_error when a file cannot be written
void unpack_zip(const ZipReader& zip, const std::filesystem::path& folder);
void unpack_zip(std::string_view bytes, const std::filesystem::path& folder, const ZipLimits& limits = {});

/// An archive whose bytes depend on the entries alone: sorted by name, all of them dated 1980-01-01 00:00, as made on
/// Unix, deflated at level 9, without owners and further times. Names and symlinks are held to the rules that
/// `ZipReader` checks; folders need no entry unless they are empty.
/// @throws Failure bad_request for a name, a mode or a symlink that cannot be packed
std::string write_zip(std::vector<ZipEntry> entries);

}  // namespace creel

#include <sys/stat.h>
#include <zip.h>

#include <fmt/format.h>

#include "base/failure.h"
#include "zip/zip_archive.h"
#include "zip/zip_names.h"

namespace creel {
namespace {

// 1980-01-01 00:00:00, the first moment that MS-DOS knows. The fields hold local time without a zone, so that they are
// the same wherever the archive is made.
constexpr zip_uint16_t kDosTime = 0;
constexpr zip_uint16_t kDosDate = (0 << 9) | (1 << 5) | 1;
constexpr zip_uint32_t kBestCompression = 9;
constexpr zip_uint32_t kDosFolder = 0x10;
constexpr unsigned kPermissions = 0777;

[[noreturn]] void fail(zip_t* archive) {
  throw Failure(FailureKind::internal, fmt::format("the archive cannot be made: {}", zip_strerror(archive)));
}

void check(const std::vector<ZipEntry>& entries) {
  ZipNames names;
  for (const auto& entry : entries) {
    if (entry.name.empty() || clean_zip_name(entry.name) != entry.name) {
      throw Failure(FailureKind::bad_request, fmt::format("'{}' cannot be a name in an archive", entry.name));
    }
    if (entry.name.find('\0') != std::string::npos) {
      throw Failure(FailureKind::bad_request, "a name in an archive cannot contain NUL");
    }
    if ((entry.mode & ~kPermissions) != 0) {
      throw Failure(FailureKind::bad_request,
                    fmt::format("'{}': the mode {:o} is more than permissions", entry.name, entry.mode));
    }
    if (entry.type == ZipEntryType::symlink) check_symlink(entry.name, entry.bytes);
    names.add(entry.name, entry.type);
  }
  names.check_parents();
}

/// The archive while it is made, in a buffer of libzip's.
class Writer {
 public:
  Writer() {
    zip_error_t error;
    zip_error_init(&error);
    buffer_ = zip_source_buffer_create(nullptr, 0, 0, &error);
    if (buffer_ != nullptr) {
      // One reference for the archive, one to read what it has written.
      zip_source_keep(buffer_);
      archive_ = zip_open_from_source(buffer_, ZIP_TRUNCATE, &error);
      if (archive_ == nullptr) zip_source_free(buffer_);
    }
    const std::string text = zip_error_strerror(&error);
    zip_error_fini(&error);
    if (archive_ != nullptr) return;
    zip_source_free(buffer_);
    throw Failure(FailureKind::internal, fmt::format("the archive cannot be made: {}", text));
  }
  ~Writer() {
    if (archive_ != nullptr) zip_discard(archive_);
    zip_source_free(buffer_);
  }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  /// @param entry  must live until `finish` has returned
  void add(const ZipEntry& entry) {
    const auto index = entry.type == ZipEntryType::folder ? add_folder(entry) : add_file(entry);
    zip_uint32_t attributes = (type_bits(entry.type) | entry.mode) << 16;
    if (entry.type == ZipEntryType::folder) attributes |= kDosFolder;
    if (zip_file_set_external_attributes(archive_, index, 0, ZIP_OPSYS_UNIX, attributes) != 0 ||
        zip_file_set_dostime(archive_, index, kDosTime, kDosDate, 0) != 0) {
      fail(archive_);
    }
  }

  std::string finish() {
    if (zip_close(archive_) != 0) fail(archive_);
    archive_ = nullptr;
    zip_stat_t status;
    zip_stat_init(&status);
    std::string bytes;
    if (zip_source_stat(buffer_, &status) == 0 && zip_source_open(buffer_) == 0) {
      bytes.resize(status.size);
      const auto count = zip_source_read(buffer_, bytes.data(), bytes.size());
      zip_source_close(buffer_);
      if (count >= 0 && static_cast<std::size_t>(count) == bytes.size()) return bytes;
    }
    throw Failure(FailureKind::internal, "the archive was made, but cannot be read back");
  }

 private:
  static zip_uint32_t type_bits(ZipEntryType type) {
    switch (type) {
      case ZipEntryType::folder: return S_IFDIR;
      case ZipEntryType::symlink: return S_IFLNK;
      case ZipEntryType::file: break;
    }
    return S_IFREG;
  }

  zip_uint64_t add_folder(const ZipEntry& entry) {
    const auto index = zip_dir_add(archive_, entry.name.c_str(), ZIP_FL_ENC_UTF_8);
    if (index < 0) fail(archive_);
    return static_cast<zip_uint64_t>(index);
  }

  zip_uint64_t add_file(const ZipEntry& entry) {
    auto* source = zip_source_buffer(archive_, entry.bytes.data(), entry.bytes.size(), 0);
    if (source == nullptr) fail(archive_);
    const auto index = zip_file_add(archive_, entry.name.c_str(), source, ZIP_FL_ENC_UTF_8);
    if (index < 0) {
      zip_source_free(source);
      fail(archive_);
    }
    const auto method = entry.type == ZipEntryType::symlink ? ZIP_CM_STORE : ZIP_CM_DEFLATE;
    if (zip_set_file_compression(archive_, static_cast<zip_uint64_t>(index), method, kBestCompression) != 0) {
      fail(archive_);
    }
    return static_cast<zip_uint64_t>(index);
  }

  zip_source_t* buffer_ = nullptr;
  zip_t* archive_ = nullptr;
};

/// libzip makes nothing of an archive without entries; this is one: the end of a directory that is empty.
std::string empty_archive() {
  constexpr std::size_t kEndOfDirectoryBytes = 22;
  std::string bytes("PK\x05\x06");
  bytes.resize(kEndOfDirectoryBytes);
  return bytes;
}

}  // namespace

std::string write_zip(std::vector<ZipEntry> entries) {
  check(entries);
  if (entries.empty()) return empty_archive();
  std::ranges::sort(entries, {}, &ZipEntry::name);
  Writer writer;
  for (const auto& entry : entries) writer.add(entry);
  return writer.finish();
}

}  // namespace creel

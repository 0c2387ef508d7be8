#include <array>
#include <limits>
#include <sys/stat.h>
#include <zip.h>

#include <climits>
#include <fmt/format.h>

#include "base/failure.h"
#include "base/units.h"
#include "zip/zip_archive.h"
#include "zip/zip_names.h"

namespace creel {
namespace {

constexpr std::size_t kPieceBytes = 64 * 1024;
constexpr unsigned kPermissions = 0777;

std::string text_of(zip_error_t* error) {
  std::string text = zip_error_strerror(error);
  zip_error_fini(error);
  return text;
}

/// Opens an archive and, whether or not that succeeds, takes the source over.
zip_t* open_source(zip_source_t* source, zip_error_t* error) {
  if (source == nullptr) throw Failure(FailureKind::internal, text_of(error));
  auto* archive = zip_open_from_source(source, ZIP_RDONLY, error);
  if (archive != nullptr) return archive;
  zip_source_free(source);
  throw Failure(FailureKind::bad_request, fmt::format("not a zip archive that can be read: {}", text_of(error)));
}

struct Attributes {
  ZipEntryType type;
  unsigned mode;
};

/// Type and permissions out of the attributes that Unix tools write; other tools only tell folders, by a "/" at the end.
Attributes attributes_of(zip_t* archive, std::uint64_t index, std::string_view name) {
  zip_uint8_t system = 0;
  zip_uint32_t attributes = 0;
  zip_file_get_external_attributes(archive, index, 0, &system, &attributes);
  const bool is_unix = system == ZIP_OPSYS_UNIX || system == ZIP_OPSYS_OS_X;
  const unsigned mode = is_unix ? attributes >> 16 : 0;
  const bool named_folder = name.ends_with('/');
  switch (mode & S_IFMT) {
    case S_IFLNK: return {ZipEntryType::symlink, kPermissions};
    case S_IFDIR: return {ZipEntryType::folder, mode & kPermissions};
    case S_IFREG:
      if (!named_folder) return {ZipEntryType::file, mode & kPermissions};
      break;
    case 0: break;
    default:
      throw Failure(FailureKind::bad_request,
                    fmt::format("the archive holds '{}', which is no file, folder or symbolic link", name));
  }
  if (mode == 0) return named_folder ? Attributes{ZipEntryType::folder, 0755} : Attributes{ZipEntryType::file, 0644};
  return {named_folder ? ZipEntryType::folder : ZipEntryType::file, mode & kPermissions};
}

void check_can_be_unpacked(const zip_stat_t& status, std::string_view name) {
  if (status.encryption_method != ZIP_EM_NONE) {
    throw Failure(FailureKind::bad_request, fmt::format("'{}' in the archive is encrypted", name));
  }
  if (status.comp_method == ZIP_CM_STORE || status.comp_method == ZIP_CM_DEFLATE) return;
  throw Failure(FailureKind::bad_request,
                fmt::format("'{}' in the archive is compressed with method {}; pack it with deflate (method 8)", name,
                            status.comp_method));
}

ZipItem item_at(zip_t* archive, std::uint64_t index) {
  zip_stat_t status;
  zip_stat_init(&status);
  constexpr auto kNeeded = ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD;
  if (zip_stat_index(archive, index, 0, &status) != 0 || (status.valid & kNeeded) != kNeeded) {
    throw Failure(FailureKind::bad_request, fmt::format("entry {} of the archive's directory is damaged", index + 1));
  }
  check_can_be_unpacked(status, status.name);
  const auto [type, mode] = attributes_of(archive, index, status.name);
  return {.name = clean_zip_name(status.name),
          .type = type,
          .mode = mode,
          .size = type == ZipEntryType::folder ? 0 : status.size,
          .compressed_size = status.comp_size,
          .index = index};
}

}  // namespace

struct ZipReader::Archive {
  explicit Archive(zip_t* opened) : zip(opened) {}
  ~Archive() { zip_discard(zip); }
  Archive(const Archive&) = delete;
  Archive& operator=(const Archive&) = delete;

  zip_t* zip;
  std::map<std::string, std::size_t, std::less<>> places;
};

ZipReader ZipReader::from_bytes(std::string_view bytes, const ZipLimits& limits) {
  // libzip takes nothing at all for an archive without entries.
  if (bytes.empty()) throw Failure(FailureKind::bad_request, "not a zip archive that can be read: it is empty");
  zip_error_t error;
  zip_error_init(&error);
  auto* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
  return {std::make_unique<Archive>(open_source(source, &error)), limits};
}

ZipReader ZipReader::from_file(const std::filesystem::path& file, const ZipLimits& limits) {
  std::error_code failed;
  const auto status = std::filesystem::status(file, failed);
  if (!std::filesystem::exists(status)) {
    throw Failure(FailureKind::not_found, fmt::format("'{}': there is no such file", file.string()));
  }
  if (!std::filesystem::is_regular_file(status)) {
    throw Failure(FailureKind::bad_request, fmt::format("'{}' is no file", file.string()));
  }
  const auto size = std::filesystem::file_size(file, failed);
  if (!failed && size == 0) throw Failure(FailureKind::bad_request, fmt::format("'{}' is empty", file.string()));
  try {
    zip_error_t error;
    zip_error_init(&error);
    auto* source = zip_source_file_create(file.c_str(), 0, -1, &error);
    return {std::make_unique<Archive>(open_source(source, &error)), limits};
  } catch (const Failure& failure) {
    throw Failure(failure.kind(), fmt::format("'{}': {}", file.string(), failure.what()));
  }
}

ZipReader::ZipReader(std::unique_ptr<Archive> archive, const ZipLimits& limits) : archive_(std::move(archive)) {
  const auto count = static_cast<std::uint64_t>(zip_get_num_entries(archive_->zip, 0));
  if (count > limits.max_items) {
    throw Failure(FailureKind::too_large,
                  fmt::format("the archive holds {} files and folders, more than {}", count, limits.max_items));
  }
  ZipNames names;
  for (std::uint64_t index = 0; index < count; ++index) {
    auto item = item_at(archive_->zip, index);
    if (item.name.empty() && item.type != ZipEntryType::folder) {
      throw Failure(FailureKind::bad_request, fmt::format("entry {} of the archive has no name", index + 1));
    }
    if (item.name.empty() || !names.add(item.name, item.type)) continue;
    if (item.size > limits.max_unpacked_bytes - unpacked_bytes_) {
      throw Failure(FailureKind::too_large, fmt::format("the archive holds more than {} when unpacked",
                                                        format_bytes(limits.max_unpacked_bytes)));
    }
    unpacked_bytes_ += item.size;
    archive_->places.emplace(item.name, items_.size());
    items_.push_back(std::move(item));
  }
  names.check_parents();
  for (const auto& item : items_) {
    if (item.type != ZipEntryType::symlink) continue;
    check_symlink(item.name, read_start(item, PATH_MAX));
  }
}

ZipReader::~ZipReader() = default;
ZipReader::ZipReader(ZipReader&&) noexcept = default;
ZipReader& ZipReader::operator=(ZipReader&&) noexcept = default;

const ZipItem* ZipReader::find(std::string_view name) const {
  const auto place = archive_->places.find(name);
  return place == archive_->places.end() ? nullptr : &items_[place->second];
}

void ZipReader::read_pieces(const ZipItem& item, std::uint64_t max_bytes, const Sink& sink) const {
  if (item.type == ZipEntryType::folder) return;
  const auto damaged = [&](std::string_view why) {
    return Failure(FailureKind::bad_request, fmt::format("'{}' in the archive is damaged: {}", item.name, why));
  };
  const std::unique_ptr<zip_file_t, void (*)(zip_file_t*)> file(zip_fopen_index(archive_->zip, item.index, 0),
                                                                [](zip_file_t* opened) { zip_fclose(opened); });
  if (file == nullptr) throw damaged(zip_strerror(archive_->zip));

  std::array<char, kPieceBytes> piece;
  std::uint64_t done = 0;
  while (done < max_bytes) {
    const auto count = zip_fread(file.get(), piece.data(), std::min<std::uint64_t>(piece.size(), max_bytes - done));
    if (count < 0) throw damaged(zip_file_strerror(file.get()));
    if (count == 0) break;
    done += static_cast<std::uint64_t>(count);
    if (done > item.size) throw damaged("it is longer than the archive's directory says");
    sink({piece.data(), static_cast<std::size_t>(count)});
  }
  if (done < max_bytes && done != item.size) throw damaged("it is shorter than the archive's directory says");
}

void ZipReader::read(const ZipItem& item, const Sink& sink) const {
  read_pieces(item, std::numeric_limits<std::uint64_t>::max(), sink);
}

std::string ZipReader::read(const ZipItem& item) const {
  std::string content;
  read(item, [&content](std::string_view piece) { content += piece; });
  return content;
}

std::string ZipReader::read_start(const ZipItem& item, std::size_t max_bytes) const {
  std::string content;
  read_pieces(item, max_bytes, [&content](std::string_view piece) { content += piece; });
  return content;
}

std::vector<ZipEntry> read_zip(std::string_view bytes, const ZipLimits& limits) {
  const auto reader = ZipReader::from_bytes(bytes, limits);
  std::vector<ZipEntry> entries;
  for (const auto& item : reader.items()) {
    entries.push_back({.name = item.name, .type = item.type, .mode = item.mode, .bytes = reader.read(item)});
  }
  return entries;
}

}  // namespace creel

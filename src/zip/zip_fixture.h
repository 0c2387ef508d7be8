#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <stdlib.h>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <vector>

#include <zlib.h>

namespace creel {

/// What a test wants an archive's directory to say, true or not.
struct RawEntry {
  std::string name;
  std::string bytes = {};
  std::uint32_t attributes = (S_IFREG | 0644U) << 16;
  std::uint8_t system = 3;
  std::uint16_t flags = 0;
  std::uint16_t method = 0;
  /// Said instead of the length of `bytes`, unless negative.
  std::int64_t claimed_size = -1;
};

inline RawEntry raw_symlink(const std::string& name, const std::string& target) {
  return {.name = name, .bytes = target, .attributes = (S_IFLNK | 0777U) << 16};
}

/// An archive made byte by byte, so that it can be what no tool would write. The content is stored as it is.
class RawZip {
 public:
  void add(const RawEntry& entry) {
    const auto offset = bytes_.size();
    number(0x04034b50, 4);
    number(20, 2);
    common(entry);
    number(0, 2);
    bytes_ += entry.name + entry.bytes;

    std::swap(bytes_, directory_);
    number(0x02014b50, 4);
    number(20U | static_cast<unsigned>(entry.system) << 8U, 2);
    number(20, 2);
    common(entry);
    number(0, 2);
    number(0, 2 + 2 + 2);
    number(entry.attributes, 4);
    number(offset, 4);
    bytes_ += entry.name;
    std::swap(bytes_, directory_);
    ++count_;
  }

  std::string finish() {
    const auto offset = bytes_.size();
    bytes_ += directory_;
    number(0x06054b50, 4);
    number(0, 4);
    number(count_, 2);
    number(count_, 2);
    number(directory_.size(), 4);
    number(offset, 4);
    number(0, 2);
    return bytes_;
  }

 private:
  void common(const RawEntry& entry) {
    const auto* data = reinterpret_cast<const Bytef*>(entry.bytes.data());
    const auto size = entry.claimed_size < 0 ? entry.bytes.size() : static_cast<std::uint64_t>(entry.claimed_size);
    number(entry.flags, 2);
    number(entry.method, 2);
    number(0x00210000, 4);
    number(crc32(0, data, static_cast<uInt>(entry.bytes.size())), 4);
    number(entry.bytes.size(), 4);
    number(size, 4);
    number(entry.name.size(), 2);
  }

  void number(std::uint64_t value, int width) {
    for (; width > 0; --width, value >>= 8U) bytes_ += static_cast<char>(value & 0xffU);
  }

  std::string bytes_;
  std::string directory_;
  std::uint64_t count_ = 0;
};

inline std::string raw_zip(const std::vector<RawEntry>& entries) {
  RawZip zip;
  for (const auto& entry : entries) zip.add(entry);
  return zip.finish();
}

inline std::string file_content(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot open " + path.string());
  return {std::istreambuf_iterator<char>(file), {}};
}

/// A folder that does not exist yet, in one that goes with its content at the end.
class NewFolder {
 public:
  NewFolder() {
    auto name = (std::filesystem::temp_directory_path() / "creel-zip-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder: " + name);
    parent_ = name;
  }
  ~NewFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(parent_, ignored);
  }
  NewFolder(const NewFolder&) = delete;
  NewFolder& operator=(const NewFolder&) = delete;

  std::filesystem::path path() const { return parent_ / "root"; }

 private:
  std::filesystem::path parent_;
};

}  // namespace creel

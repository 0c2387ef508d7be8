#include "deploy/function_package.h"

#include <fstream>
#include <iterator>

#include <fmt/format.h>

#include "base/base64.h"
#include "base/failure.h"
#include "base/hash.h"
#include "zip/zip_archive.h"

namespace creel::deploy {
namespace {

namespace fs = std::filesystem;

constexpr unsigned kProgramMode = 0755;
constexpr unsigned kFileMode = 0644;
constexpr auto kBootstrap = "bootstrap";

std::string content_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string content{std::istreambuf_iterator<char>(file), {}};
  if (!file) throw Failure(FailureKind::not_found, fmt::format("'{}' cannot be read", path.string()));
  return content;
}

/// What is at `path`, a symbolic link followed.
fs::file_status status_of(const fs::path& path) {
  std::error_code failed;
  const auto status = fs::status(path, failed);
  if (status.type() == fs::file_type::not_found) {
    throw Failure(FailureKind::not_found, fmt::format("'{}' is not there", path.string()));
  }
  if (failed) throw Failure(FailureKind::not_found, fmt::format("'{}': {}", path.string(), failed.message()));
  return status;
}

bool is_executable(const fs::file_status& status) {
  return (status.permissions() & fs::perms::owner_exec) != fs::perms::none;
}

class Collector {
 public:
  void add_file(const fs::path& path, std::string name) {
    const auto status = status_of(path);
    entries_.push_back(
        {.name = std::move(name), .mode = is_executable(status) ? kProgramMode : kFileMode, .bytes = content_of(path)});
  }

  void add(const Inclusion& inclusion) {
    const auto status = status_of(inclusion.path);
    if (fs::is_directory(status)) {
      add_folder(inclusion.path, inclusion.name);
    } else if (!fs::is_regular_file(status)) {
      throw refusal(inclusion.path);
    } else if (inclusion.name.empty()) {
      throw Failure(FailureKind::bad_request,
                    fmt::format("'{}' is a file and needs a name in the zip", inclusion.path.string()));
    } else {
      add_file(inclusion.path, inclusion.name);
    }
  }

  std::vector<ZipEntry> take() { return std::move(entries_); }

 private:
  static Failure refusal(const fs::path& path) {
    return {FailureKind::bad_request, fmt::format("'{}' is no file, folder or symbolic link", path.string())};
  }

  void add_folder(const fs::path& path, const std::string& name) {
    bool is_empty = true;
    for (const auto& found : fs::directory_iterator(path)) {
      is_empty = false;
      const auto file = found.path().filename().string();
      const auto inside = name.empty() ? file : fmt::format("{}/{}", name, file);
      const auto status = found.symlink_status();
      if (fs::is_symlink(status)) {
        entries_.push_back({.name = inside,
                            .type = ZipEntryType::symlink,
                            .mode = 0777,
                            .bytes = fs::read_symlink(found.path()).string()});
      } else if (fs::is_directory(status)) {
        add_folder(found.path(), inside);
      } else if (fs::is_regular_file(status)) {
        add_file(found.path(), inside);
      } else {
        throw refusal(found.path());
      }
    }
    // Others come to be with what is in them.
    if (is_empty && !name.empty()) {
      entries_.push_back({.name = name, .type = ZipEntryType::folder, .mode = kProgramMode});
    }
  }

  std::vector<ZipEntry> entries_;
};

/// The last part of a path that may end in "/", "." or "..".
std::string last_part(const fs::path& path) {
  const auto absolute = fs::absolute(path).lexically_normal();
  return (absolute.has_filename() ? absolute : absolute.parent_path()).filename().string();
}

}  // namespace

Inclusion parse_inclusion(const std::string& text) {
  std::error_code ignored;
  const auto colon = text.rfind(':');
  const bool has_name = colon != std::string::npos && !fs::exists(text, ignored);
  Inclusion inclusion{.path = text.substr(0, has_name ? colon : std::string::npos), .name = {}};
  if (inclusion.path.empty()) {
    throw Failure(FailureKind::bad_request, fmt::format("'{}' names no file: write PATH or PATH:NAME", text));
  }
  auto name = has_name ? text.substr(colon + 1) : last_part(inclusion.path);
  if (name.ends_with('/') && !fs::is_directory(inclusion.path, ignored)) name += last_part(inclusion.path);
  while (name.ends_with('/')) name.pop_back();
  inclusion.name = name == "." ? "" : name;
  return inclusion;
}

FunctionPackage make_package(const PackageOptions& options) {
  const bool is_file = options.bootstrap_bytes.empty();
  const auto status = is_file ? status_of(options.bootstrap) : fs::file_status();
  if (is_file && !fs::is_regular_file(status)) {
    throw Failure(FailureKind::bad_request, fmt::format("'{}' is no file: name the program or script that the function "
                                                        "begins with",
                                                        options.bootstrap.string()));
  }
  Collector collector;
  try {
    for (const auto& inclusion : options.include) collector.add(inclusion);
  } catch (const fs::filesystem_error& error) {
    throw Failure(FailureKind::not_found, fmt::format("'{}': {}", error.path1().string(), error.code().message()));
  }
  auto entries = collector.take();
  entries.push_back({.name = kBootstrap,
                     .mode = kProgramMode,
                     .bytes = is_file ? content_of(options.bootstrap) : std::string(options.bootstrap_bytes)});
  const auto items = entries.size();
  return {.zip = write_zip(std::move(entries)), .items = items, .made_executable = is_file && !is_executable(status)};
}

std::string code_sha256(std::string_view zip) {
  const auto digest = sha256(zip);
  return base64_encode({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

}  // namespace creel::deploy

#include "cli/demo_folder.h"

#include <array>
#include <fstream>
#include <system_error>

#include <fmt/format.h>

#include "base/failure.h"
#include "cli/data_folder.h"

namespace creel {
namespace fs = std::filesystem;
namespace {

/// Says that what is beside it may be removed.
constexpr const char* kMark = "made-by-creel-demo";
constexpr std::array kCatalog{"creel.db", "creel.db-wal", "creel.db-shm", "creel.db-journal"};

/// What a folder without the mark must not have: it would be somebody's.
constexpr std::array kPrecious{"creel.db", "images"};

void check_is_ours(const fs::path& folder) {
  std::error_code error;
  if (fs::exists(folder / kMark, error)) return;
  for (const auto* name : kPrecious) {
    if (!fs::exists(folder / name, error)) continue;
    throw Failure(
        FailureKind::bad_request,
        fmt::format("{} is not of a demonstration, and each one begins afresh: name another folder with --data",
                    (folder / name).string()));
  }
}

void make_mark(const fs::path& folder) {
  std::ofstream file(folder / kMark);
  file << "`creel demo` works in this folder, and removes its own files when it is started again.\n";
  file.close();
  if (!file) throw Failure(FailureKind::bad_request, fmt::format("'{}' cannot be written", folder.string()));
}

}  // namespace

DemoFolder::DemoFolder(const fs::path& folder) : path_(fs::absolute(folder).lexically_normal()) {
  if (!path_.has_filename()) path_ = path_.parent_path();
  check_is_ours(path_);
  // Nobody else works there while things are removed.
  const DataFolder owner(path_);
  make_mark(path_);
  try {
    for (const auto* name : kCatalog) fs::remove(path_ / name);
    for (const auto& file : {zip(), log(), function_log()}) fs::remove(file);
    fs::remove_all(images());
  } catch (const fs::filesystem_error& error) {
    throw Failure(FailureKind::bad_request,
                  fmt::format("{} cannot be removed: {}", error.path1().string(), error.code().message()));
  }
}

}  // namespace creel

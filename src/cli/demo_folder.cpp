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
/// What a demonstration leaves in the folder, and the next one removes.
constexpr std::array kFiles{"creel.db",  "creel.db-wal", "creel.db-shm", "creel.db-journal", "fetch-store-image.zip",
                            "creel.log", "function.log"};
constexpr const char* kImages = "images";

void check_is_not_of_others(const fs::path& file) {
  std::error_code error;
  if (!fs::exists(fs::symlink_status(file, error))) return;
  throw Failure(FailureKind::bad_request,
                fmt::format("{} is not of a demonstration, and each one begins afresh: name another folder with --data",
                            file.string()));
}

void check_is_ours(const fs::path& folder) {
  std::error_code error;
  if (fs::exists(folder / kMark, error)) return;
  for (const auto* name : kFiles) check_is_not_of_others(folder / name);
  check_is_not_of_others(folder / kImages);
}

fs::path absolute_folder(const fs::path& folder) {
  if (folder.empty()) throw Failure(FailureKind::bad_request, "--data must name a folder");
  auto path = fs::absolute(folder).lexically_normal();
  return path.has_filename() ? path : path.parent_path();
}

void make_mark(const fs::path& folder) {
  std::ofstream file(folder / kMark);
  file << "`creel demo` works in this folder, and removes its own files when it is started again.\n";
  file.close();
  if (!file) throw Failure(FailureKind::bad_request, fmt::format("'{}' cannot be written", folder.string()));
}

}  // namespace

DemoFolder::DemoFolder(const fs::path& folder) : path_(absolute_folder(folder)) {
  check_is_ours(path_);
  // Nobody else works there while things are removed.
  const DataFolder owner(path_);
  make_mark(path_);
  try {
    for (const auto* name : kFiles) fs::remove(path_ / name);
    fs::remove_all(path_ / kImages);
  } catch (const fs::filesystem_error& error) {
    throw Failure(FailureKind::bad_request,
                  fmt::format("{} cannot be removed: {}", error.path1().string(), error.code().message()));
  }
}

void take_over_from_demo(const fs::path& folder) {
  std::error_code error;
  fs::remove(folder / kMark, error);
  if (error) {
    throw Failure(FailureKind::bad_request,
                  fmt::format("{} cannot be removed, so that `creel demo` would take the folder for its own: {}",
                              (folder / kMark).string(), error.message()));
  }
}

}  // namespace creel

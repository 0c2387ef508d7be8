#include "cli/state_file.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>

#include <fmt/format.h>

#include "base/failure.h"
#include "catalog/catalog.h"

namespace creel {
namespace fs = std::filesystem;
namespace {

fs::path new_temporary_folder() {
  auto name = (fs::temp_directory_path() / "creel-dry-run-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) {
    throw Failure(FailureKind::bad_request, fmt::format("cannot make the folder {}: {}", name, std::strerror(errno)));
  }
  return name;
}

void copy_catalog(const fs::path& from, const fs::path& to) {
  if (!fs::exists(from)) return;
  // Open meanwhile, so that nobody writes to it.
  const auto locked = Catalog::open_sqlite(from);
  fs::copy_file(from, to);
  const fs::path log = from.string() + "-wal";
  if (fs::exists(log)) fs::copy_file(log, to.string() + "-wal");
}

}  // namespace

StateFile::StateFile(fs::path file, Use use) : path_(std::move(file)) {
  if (use == Use::copy) {
    temporary_folder_ = new_temporary_folder();
    const auto copy = temporary_folder_ / "catalog.db";
    copy_catalog(path_, copy);
    path_ = copy;
    return;
  }
  std::error_code error;
  if (path_.has_parent_path()) fs::create_directories(path_.parent_path(), error);
  if (error) {
    throw Failure(FailureKind::bad_request, fmt::format("cannot make the folder {} for the state: {}",
                                                        path_.parent_path().string(), error.message()));
  }
}

StateFile::~StateFile() {
  std::error_code ignored;
  if (!temporary_folder_.empty()) fs::remove_all(temporary_folder_, ignored);
}

}  // namespace creel

#include "cli/own_function.h"

#include <filesystem>
#include <span>
#include <system_error>

#include <fmt/format.h>

#include "base/embedded_file.h"
#include "base/failure.h"

namespace creel {

namespace fs = std::filesystem;

/// The function's `bootstrap`, or none: see CREEL_BOOTSTRAP_FILE in CMakeLists.txt.
std::span<const EmbeddedFile> embedded_bootstrap();

deploy::PackageOptions own_function() {
  if (const auto embedded = embedded_bootstrap(); !embedded.empty()) {
    return {.bootstrap = "bootstrap", .bootstrap_bytes = embedded.front().bytes};
  }
  std::error_code failed;
  const auto program = fs::read_symlink("/proc/self/exe", failed);
  const auto folder = program.parent_path();
  for (const auto& place : {folder / "bootstrap", folder.parent_path() / "lib/creel/bootstrap"}) {
    if (fs::is_regular_file(place, failed)) return {.bootstrap = place};
  }
  throw Failure(
      FailureKind::bad_request,
      fmt::format("creel's own function is neither part of this program nor beside it ({}): scripts/build makes "
                  "a program that has it; --bootstrap and --zip name another",
                  (folder / "bootstrap").string()));
}

}  // namespace creel

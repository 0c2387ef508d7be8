#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "deploy/lambda_runtime.h"
#include "zip/zip_archive.h"

namespace creel::deploy {

/// What the service takes at most.
inline constexpr std::uint64_t kMaxUnzippedBytes = 262'144'000;
inline constexpr std::uint64_t kMaxDirectUploadBytes = 52'428'800;

/// `error`: the function would not run, or the service would refuse the zip.
enum class Severity : std::uint8_t { warning, error };

/// "warning" or "error".
std::string_view to_string(Severity severity);

struct Finding {
  Severity severity = Severity::error;
  /// What was looked at, for programs: "architecture", "library", "glibc", "interpreter", "permissions", "size", ...
  std::string check;
  /// The file in the zip; empty for the zip itself.
  std::string file;
  /// What is wrong, and what to do.
  std::string message;
};

struct PreflightOptions {
  const LambdaRuntime* runtime = &default_runtime();
  /// That of the function; if it is not given, the one that `bootstrap` is built for.
  std::optional<Architecture> architecture{};
};

struct PreflightReport {
  /// What the function must be created for; nothing if it runs on any, as a script does.
  std::optional<Architecture> architecture{};
  /// Errors first.
  std::vector<Finding> findings{};

  bool has_errors() const;
};

/// Looks for what would keep the function from starting, before it is uploaded.
/// @throws Failure bad_request when a file in the zip is damaged
PreflightReport preflight(const ZipReader& zip, std::uint64_t zip_bytes, const PreflightOptions& options);

/// The same for a zip in memory. What cannot be read as a zip is a finding as well.
PreflightReport preflight_zip(std::string_view zip, const PreflightOptions& options);

}  // namespace creel::deploy

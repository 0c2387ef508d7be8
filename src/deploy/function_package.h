#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace creel::deploy {

/// A file or folder that goes into the zip beside `bootstrap`.
struct Inclusion {
  std::filesystem::path path;
  /// Its name in the zip; empty for a folder whose content goes to the root.
  std::string name;
};

/// "PATH" or "PATH:NAME". Without NAME it is the last part of PATH; a NAME that ends in "/" is the folder that PATH goes
/// into, and "." for a folder puts its content to the zip's root.
/// @throws Failure bad_request
Inclusion parse_inclusion(const std::string& text);

struct PackageOptions {
  /// The program or script, an ELF file or not, that becomes `bootstrap`.
  std::filesystem::path bootstrap;
  /// Its content, where no file has it; `bootstrap` is not looked at then.
  std::string_view bootstrap_bytes{};
  std::vector<Inclusion> include{};
};

struct FunctionPackage {
  /// The zip's bytes, the same for the same content, whatever its dates, owners and umask.
  std::string zip;
  /// Files, folders and symbolic links in it.
  std::size_t items = 0;
  /// Set when `bootstrap` was not executable where it lay; in the zip it is.
  bool made_executable = false;
};

/// Puts a function's files into a zip. Files get the mode 755 if their owner may run them, else 644. Symbolic links
/// inside of an included folder stay links, and must not lead out of the zip; one that is named itself is followed.
/// @throws Failure not_found | bad_request (no file, folder or link; a name twice; a link that leads out)
FunctionPackage make_package(const PackageOptions& options);

/// The CodeSha256 that the service computes of a zip.
std::string code_sha256(std::string_view zip);

}  // namespace creel::deploy

#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "sources/source_kind.h"

namespace creel {

struct ListKindOptions {
  /// Lists that are files of this machine must be in or below one of these folders, symbolic links resolved. With none
  /// of them no file is read: whoever may make sources could otherwise read what this program can.
  std::vector<std::filesystem::path> folders;
  /// Folders within those that hold no lists, and what must not be read.
  std::vector<std::filesystem::path> closed{};
};

/// The kind `list`: a list of image URLs, as `creel mirror` takes them, on the web or in a file. The source's URL is the
/// list's, or the absolute path of the file.
std::unique_ptr<const SourceKind> list_kind(ListKindOptions options);

}  // namespace creel

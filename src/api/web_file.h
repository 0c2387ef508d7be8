#pragma once

#include <string_view>

namespace creel {

/// A file of the page, as the build made it.
struct WebFile {
  /// "index.html", "favicon.svg", "assets/index-3f2a9c.js"; what is in `assets/` has a name that changes with its bytes.
  std::string_view path;
  std::string_view media_type;
  /// Compressed.
  std::string_view gzip;
  /// What tells these bytes from all others: letters and digits.
  std::string_view etag;
};

}  // namespace creel

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace creel {

struct SrcsetCandidate {
  std::string url;
  /// Its width, or its density times 1,000 if it has none; 1,000 if it has neither.
  double size = 0;
};

/// The largest image of a srcset attribute, the first of equals; nothing if it names none.
/// Source: https://html.spec.whatwg.org/multipage/images.html#parsing-a-srcset-attribute
std::optional<SrcsetCandidate> largest_candidate(std::string_view srcset);

}  // namespace creel

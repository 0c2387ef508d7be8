#include "sources/srcset.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace creel {
namespace {

constexpr std::string_view kBlanks = " \t\r\n\f";

/// "800w", "2x", "800w 600h".
double size_of(std::string_view descriptors) {
  for (auto part : split(descriptors, ' ')) {
    part = trim(part);
    if (part.size() < 2 || (part.back() != 'w' && part.back() != 'x')) continue;
    double number = 0;
    const auto* const end = part.data() + part.size() - 1;
    const auto parsed = std::from_chars(part.data(), end, number);
    if (parsed.ec != std::errc() || parsed.ptr != end || !(number > 0 && number < 1e9)) continue;
    return part.back() == 'w' ? number : 1000 * number;
  }
  return 1000;
}

}  // namespace

std::optional<SrcsetCandidate> largest_candidate(std::string_view srcset) {
  std::optional<SrcsetCandidate> largest;
  for (;;) {
    srcset.remove_prefix(std::min(srcset.find_first_not_of(" \t\r\n\f,"), srcset.size()));
    if (srcset.empty()) return largest;
    // Commas may stand in a URL; those at its end are none of it.
    auto url = srcset.substr(0, srcset.find_first_of(kBlanks));
    srcset.remove_prefix(url.size());
    std::string_view descriptors;
    if (url.ends_with(',')) {
      while (url.ends_with(',')) url.remove_suffix(1);
    } else {
      descriptors = srcset.substr(0, srcset.find(','));
      srcset.remove_prefix(descriptors.size());
    }
    const auto size = size_of(descriptors);
    if (!url.empty() && (!largest || size > largest->size)) largest = SrcsetCandidate{std::string(url), size};
  }
}

}  // namespace creel

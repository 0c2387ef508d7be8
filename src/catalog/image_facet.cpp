#include "catalog/image_facet.h"

#include <algorithm>
#include <array>

namespace creel {
namespace {

/// From number 1.
constexpr std::array<std::string_view, 11> kTypes = {
    "image/jpeg", "image/png", "image/gif",  "image/webp",    "image/avif",
    "image/heic", "image/bmp", "image/tiff", "image/svg+xml", "image/vnd.microsoft.icon",
    "image/jxl"};

bool passes_state(ImageState state, const ImageFilter& filter) {
  return filter.state ? state == *filter.state : state != ImageState::deleted;
}

bool passes_type(int type, const std::string& wanted) {
  if (type == ImageFacet::kNoType) return wanted.empty();
  if (type == ImageFacet::kOtherType) return true;
  if (!is_type_pattern(wanted)) return type == facet_type(wanted);
  return kTypes.at(static_cast<std::size_t>(type) - 1).starts_with(wanted.substr(0, wanted.size() - 1));
}

}  // namespace

int facet_type(std::string_view content_type) {
  if (content_type.empty()) return ImageFacet::kNoType;
  const auto* const found = std::ranges::find(kTypes, content_type);
  if (found == kTypes.end()) return ImageFacet::kOtherType;
  return static_cast<int>(found - kTypes.begin()) + 1;
}

bool is_type_pattern(std::string_view type) {
  return type.ends_with("/*");
}

bool ImageFacet::may_pass(const ImageFilter& filter) const {
  if (!passes_state(state(), filter)) return false;
  if (filter.failure_kind && failure_kind() != static_cast<int>(*filter.failure_kind)) return false;
  if (filter.nsfw && (nsfw() == 2) != *filter.nsfw) return false;
  return !filter.type || passes_type(type(), *filter.type);
}

bool ImageFacet::leaves_type_open(const ImageFilter& filter) const {
  return filter.type && type() == kOtherType;
}

}  // namespace creel

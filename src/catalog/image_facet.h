#pragma once

#include <cstdint>
#include <string_view>

#include "catalog/image_library.h"

namespace creel {

/// What images are filtered by, in one number, as the column `images.facet` computes it:
/// 4096 * state + 128 * failure kind + 4 * type + nsfw. Numbers are persisted. Threads: immutable.
class ImageFacet {
 public:
  explicit ImageFacet(long long number) : number_(number) {}

  /// The first facet of a state; those of a state lie together.
  static ImageFacet first_of(ImageState state) { return ImageFacet(static_cast<long long>(state) * 4096); }

  long long number() const { return number_; }
  ImageState state() const { return static_cast<ImageState>(number_ / 4096); }
  /// 0 for none.
  int failure_kind() const { return static_cast<int>(number_ / 128 % 32); }
  /// kNoType, kOtherType or the number of a known one.
  int type() const { return static_cast<int>(number_ / 4 % 32); }
  /// 0 unknown, 1 no, 2 yes.
  int nsfw() const { return static_cast<int>(number_ % 4); }

  static constexpr int kNoType = 0;
  static constexpr int kOtherType = 31;

  /// False if no image of the facet passes the filter's state, failure kind, type and nsfw.
  bool may_pass(const ImageFilter& filter) const;
  /// True if images of the facet pass a filter or not by their very type, which the facet does not know.
  bool leaves_type_open(const ImageFilter& filter) const;

 private:
  long long number_;
};

/// The number that facets have for a content type.
int facet_type(std::string_view content_type);

/// "image/*": any type that begins with "image/".
bool is_type_pattern(std::string_view type);

}  // namespace creel

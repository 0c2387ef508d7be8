#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "catalog/image_library.h"

namespace creel {

/// A place in a list of images: behind the image `id`, whose sort key is `key`.
struct ImagePosition {
  /// Lists come in parts: images that have the sort key, then those without in the order in which they were found.
  /// Lists by words and time found have one part, ordered by number.
  enum class Part : std::uint8_t { keyed = 0, unkeyed = 1, numbered = 2 };

  Part part = Part::keyed;
  long long key = 0;
  long long id = 0;
  /// Words were taken as they stand, the last one too.
  bool whole_words = false;

  friend bool operator==(const ImagePosition&, const ImagePosition&) = default;
};

/// A position as text without meaning to others, for one filter and sort.
std::string to_cursor(const ImagePosition& position, const ImageQuery& query);

/// The position that `query.cursor` stands for; nothing for the first page.
/// @throws Failure bad_request  it is no cursor, or one of another filter or sort
std::optional<ImagePosition> from_cursor(const ImageQuery& query);

}  // namespace creel

#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/object_store.h"

namespace creel {

/// S3's limit on the names and values of user metadata together.
inline constexpr std::size_t kMaxUserMetadataBytes = 2048;

/// Metadata that fits into HTTP headers and S3's limit: names in lower case with "-" for what no header may
/// carry, values percent-encoded where they are not printable ASCII, cut on a character boundary. "%", spaces
/// at the ends and the second of two spaces are encoded too, so that `percent_decode` gives the value back.
/// The fields in `first` keep their full length before those in `rest` get any room. Left out: empty names
/// and values, a name that is there already, what finds no room.
ObjectMetadata object_metadata(std::string_view content_type,
                               const std::vector<std::pair<std::string, std::string>>& first,
                               const std::vector<std::pair<std::string, std::string>>& rest);

}  // namespace creel

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sources/source_kind.h"

namespace boost::json {
class value;
}

namespace creel {

/// What to do with animations that Imgur keeps as video: GIFs of more than 20 MB, and what was a video to begin with.
enum class ImgurAnimations : std::uint8_t { skip, take_mp4 };

/// An entry of a gallery: one image, or an album.
struct ImgurItem {
  std::string id;
  bool is_album = false;
  /// How many images an album has.
  std::size_t images_count = 0;
  /// The image, or those of the album that the answer holds: a gallery names the first few.
  std::vector<ImageRecord> records;
  /// False for an album that has more images than that.
  bool is_whole = true;
};

/// The images of an album by the answer of `/3/album/{id}` (its `data`), in their order, with the album's title and
/// description put before the image's own. Null may stand anywhere.
std::vector<ImageRecord> imgur_album(const boost::json::value& data, ImgurAnimations animations);

/// The entries of a page of a tag's gallery (its `data`), advertisements left out; nothing if it is no gallery.
std::optional<std::vector<ImgurItem>> imgur_gallery(const boost::json::value& data, ImgurAnimations animations);

/// The id in what a user gives for an album: the id itself, or the URL of its page.
std::string imgur_album_id(std::string_view text);

}  // namespace creel

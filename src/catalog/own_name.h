#pragma once

#include <string>
#include <string_view>

#include "catalog/image_repository.h"

namespace creel {

/// The file name of an image for which its source names none: its id, with the extension that its URL has if the id has
/// none and the URL's is one of images.
std::string default_name(std::string_view image_id, std::string_view url);

/// The file name that an image gets if the one it has would put its object in the place of another's: `file_name` with
/// "-" and twelve hex digits of the hash of the image's identity before its extension. A name that has them already
/// stays as it is, so that nothing is renamed twice.
///
/// They are more than the eight of a key's own mark (object_key.h), so that the key is made of the name as it is.
std::string own_name(std::string_view file_name, SourceId source, std::string_view image_id);

}  // namespace creel

#pragma once

#include <string>
#include <string_view>

#include "catalog/image_repository.h"
#include "sources/source_kind.h"

namespace creel {

/// The image that the catalog makes of a source's record. What a source did not name comes from the rest: the id from
/// the URL's hash, the folder from the source's name, the file's name from the id. Texts are cut to sensible lengths.
/// @throws Failure bad_url | bad_request  the record cannot be used: no http URL, a folder or header that is none
FoundImage found_image(const ImageRecord& record, const std::string& source_name);

/// Which member of a record `found_image` refuses it for: "image_url", "folder_name" or "fetch_headers".
std::string_view refused_member(const ImageRecord& record);

}  // namespace creel

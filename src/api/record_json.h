#pragma once

#include <string>

#include <boost/json/fwd.hpp>

#include "sources/source_kind.h"

namespace creel {

class FieldReader;

/// Reads an image record, the form in which images are added: `image_url`, and whatever else is known of the image.
/// Errors stay with the reader.
ImageRecord read_record(FieldReader& fields);

/// Appends a record in the same form, without the headers of the fetch.
void append_record_json(std::string& out, const ImageRecord& record);

}  // namespace creel

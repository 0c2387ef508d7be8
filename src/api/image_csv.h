#pragma once

#include <string>

#include "catalog/image_library.h"

namespace creel {

/// The names of an image's columns, those of its JSON form in the same order, as a line of CSV.
std::string image_csv_header();

/// Appends an image as a line of CSV. What is not known is an empty field; `meta` is JSON.
void append_image_csv(std::string& out, const ImageDetails& image);

}  // namespace creel

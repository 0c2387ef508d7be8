#pragma once

#include <string>

#include "catalog/image_library.h"

namespace creel {

/// Appends an image as one line of JSON, without a line end: the form of the API, of events, of exports and of
/// `creel image --json`. Always valid JSON, whatever strangers wrote into titles. Headers of the fetch are not shown.
void append_image_json(std::string& out, const ImageDetails& image);

std::string image_json(const ImageDetails& image);

/// A fact about an image's object: its key, its tag. Nothing if the image is deleted, since the object is gone with it.
std::optional<std::string_view> object_fact(const ImageDetails& image, const std::optional<std::string>& fact);

/// "pending", "storing", "stored", "failed", "deleted".
std::string_view to_string(ImageState state);
/// The state of that name, or nothing.
std::optional<ImageState> image_state(std::string_view name);
/// All of them, in the order of their numbers.
std::vector<std::string> image_state_names();

}  // namespace creel

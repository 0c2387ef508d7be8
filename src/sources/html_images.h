#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace creel {

/// An image in HTML. `reference` is as it was written, references decoded, not resolved.
struct HtmlImage {
  std::string reference;
  /// What the page says instead of the image, or about it.
  std::string alt;
};

struct HtmlImageOptions {
  /// Images that are declared narrower or lower are left out: pixels that count readers, icons.
  int min_pixels = 3;
  std::size_t max_images = 1000;
};

/// The images of an HTML text in their order, each in the largest form that is named: `img` (the original of WordPress,
/// `srcset`, `data-src` and the like, `src`), `picture` with its sources as one, the poster of a `video`, and links to
/// images, which stand for the smaller images inside of them. Pictures that are in the text itself (data:) and emoji
/// are left out.
std::vector<HtmlImage> html_images(std::string_view html, const HtmlImageOptions& options);

/// True if the path of a URL ends like an image's file name. A wiki's page about a file is none.
bool looks_like_image(std::string_view url);

/// True if the path ends like the file name of something else: a video, sound, document or page.
bool looks_like_other_file(std::string_view url);

/// The feed that an HTML page names with <link rel="alternate">, as it is written there; nothing if it names none.
std::optional<std::string> feed_of_page(std::string_view html);

}  // namespace creel

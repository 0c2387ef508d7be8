#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "sources/source_kind.h"

namespace creel {

/// A second request that a record asks for.
struct JsonFollow {
  /// As it was written: it may be relative to the page.
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
};

/// An image that a jq program yields.
struct JsonImage {
  ImageRecord record;
  std::optional<JsonFollow> follow;
  /// With a `follow`: the object without it, for the second program.
  std::string json;
};

/// Where the next page is: one of the three, and none of them at the last page.
struct JsonNext {
  std::optional<std::string> url;
  std::optional<std::string> cursor;
  /// Parameters to be set in the URL of the first page.
  std::vector<std::pair<std::string, std::string>> query;

  bool is_last() const { return !url && !cursor && query.empty(); }
  bool operator==(const JsonNext&) const = default;
};

/// A result that cannot be used, and why: "record 3: width is a text, but must be a whole number".
struct BadJsonRecord {
  std::string message;
  /// The record is as it should be, but has no image.
  bool lacks_url = false;
};

using JsonResult = std::variant<JsonImage, JsonNext, BadJsonRecord>;

/// What one result of a program means: one thing, or more if it is a list of them.
///
/// A member `next_url`, `next_cursor` (text, or a number) or `next_query` (an object of texts) tells of the next page; null
/// means that there is none. Objects with other members are images, the members `ImageRecord`'s fields by name:
/// * `image_url` (text; absolute, or relative to the page), needed unless there is a `follow`;
/// * `image_id`, `title`, `description`, `attribution_id`, `attribution_name`, `attribution_url`, `page_url`, `type`, `folder`,
///   `file_name`: text; a number is taken as its digits;
/// * `width`, `height`: whole numbers, also as text; 0 for unknown. `nsfw`: true or false, also 1 or 0;
/// * `published_at`: text as `iso_time` reads it, or seconds since 1970;
/// * `fetch_headers`: an object of texts; `meta`: an object of anything;
/// * `follow`: the URL of a second request, or an object of `url` and `headers`.
/// Null and empty texts count as left out. Every other member becomes part of `meta`, a text as it is and all else as JSON.
/// @param number  of the objects before; messages call them "record 7". Those of this line are counted in.
std::vector<JsonResult> read_json_results(std::string_view line, std::size_t& number);

/// Resolves the image's and the page's URL, if they are relative, against the page that they were on.
void resolve_urls(ImageRecord& record, const std::string& page);

}  // namespace creel

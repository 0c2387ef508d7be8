#include "api/image_json.h"

#include <array>
#include <utility>

#include "api/json_text.h"
#include "base/text.h"

namespace creel {
namespace {

constexpr std::array<std::string_view, 5> kStates{"pending", "storing", "stored", "failed", "deleted"};

/// A little more than what the names and marks of an image take.
constexpr std::size_t kUsualBytes = 1024;

std::optional<std::string_view> failure_kind_of(const ImageDetails& image) {
  return image.failure ? std::optional(to_string(image.failure->kind)) : std::nullopt;
}

std::optional<std::string_view> failure_message_of(const ImageDetails& image) {
  return image.failure ? std::optional<std::string_view>(image.failure->message) : std::nullopt;
}

/// What an origin or a store did not send.
std::optional<std::string_view> unless_empty(std::optional<std::string_view> text) {
  return text && !text->empty() ? text : std::nullopt;
}

/// What the catalog has was written by us, apart from the bytes inside its strings.
void add_meta(JsonObjectText& object, const std::string& meta) {
  if (meta.empty()) {
    object.add_raw("meta", "{}");
  } else if (is_utf8(meta)) {
    object.add_raw("meta", meta);
  } else {
    object.add_raw("meta", to_utf8(meta));
  }
}

}  // namespace

void append_image_json(std::string& out, const ImageDetails& image) {
  JsonObjectText object(out);
  object.add("id", static_cast<std::int64_t>(image.id))
      .add("source_id", static_cast<std::int64_t>(image.source))
      .add("source", image.source_name)
      .add("image_id", image.image_id)
      .add("image_url", image.image_url)
      .add("final_url", image.final_url)
      .add("page_url", image.page_url)
      .add("title", image.title)
      .add("description", image.description)
      .add("attribution_id", image.attribution_id)
      .add("attribution_name", image.attribution_name)
      .add("attribution_url", image.attribution_url)
      .add("nsfw", image.nsfw)
      .add("state", to_string(image.state))
      .add("failure_kind", failure_kind_of(image))
      .add("failure_message", failure_message_of(image))
      .add("attempts", image.attempts)
      .add("next_attempt_at", image.next_attempt_at)
      .add("key", object_fact(image, image.key))
      .add("store_url", object_fact(image, image.store_url))
      .add("size_bytes", image.size_bytes)
      .add("type", image.type)
      .add("width", image.width)
      .add("height", image.height)
      .add("sha256", object_fact(image, image.sha256))
      .add("etag", unless_empty(object_fact(image, image.etag)))
      .add("origin_etag", unless_empty(image.origin_etag))
      .add("origin_last_modified", unless_empty(image.origin_last_modified))
      .add("folder_name", image.folder_name)
      .add("file_name", image.file_name);
  add_meta(object, image.meta);
  object.add("published_at", image.published_at)
      .add("found_at", image.found_at)
      .add("stored_at", image.stored_at)
      .add("updated_at", image.updated_at)
      .close();
}

std::optional<std::string_view> object_fact(const ImageDetails& image, const std::optional<std::string>& fact) {
  return image.state == ImageState::deleted ? std::nullopt : std::optional<std::string_view>(fact);
}

std::string image_json(const ImageDetails& image) {
  std::string text;
  text.reserve(kUsualBytes);
  append_image_json(text, image);
  return text;
}

std::string_view to_string(ImageState state) {
  return kStates.at(static_cast<std::size_t>(state));
}

std::optional<ImageState> image_state(std::string_view name) {
  for (std::size_t number = 0; number < kStates.size(); ++number) {
    if (kStates.at(number) == name) return static_cast<ImageState>(number);
  }
  return std::nullopt;
}

std::vector<std::string> image_state_names() {
  return {kStates.begin(), kStates.end()};
}

}  // namespace creel

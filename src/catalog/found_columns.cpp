#include "catalog/found_columns.h"

namespace creel {

void FoundColumns::put(const FoundImage& image) {
  url = image.url;
  folder = image.folder;
  file_name = image.file_name;
  fetch_headers = image.fetch_headers;
  meta = image.meta;
  title.put(image.title);
  description.put(image.description);
  attribution_id.put(image.attribution_id);
  attribution_name.put(image.attribution_name);
  attribution_url.put(image.attribution_url);
  page_url.put(image.page_url);
  type.put(image.type);
  width.put(image.width);
  height.put(image.height);
  nsfw.put(image.nsfw);
  published_at.put(image.published_at);
}

FoundImage FoundColumns::get() const {
  return {.image_id = {},
          .url = url,
          .host = {},
          .folder = folder,
          .file_name = file_name,
          .fetch_headers = fetch_headers,
          .meta = meta,
          .title = title.get(),
          .description = description.get(),
          .attribution_id = attribution_id.get(),
          .attribution_name = attribution_name.get(),
          .attribution_url = attribution_url.get(),
          .page_url = page_url.get(),
          .type = type.get(),
          .width = width.get<std::uint32_t>(),
          .height = height.get<std::uint32_t>(),
          .nsfw = nsfw.get<bool>(),
          .published_at = published_at.time()};
}

}  // namespace creel

#pragma once

#include <string>

#include <soci/soci.h>

#include "catalog/image_repository.h"
#include "catalog/optional_column.h"

namespace creel {

/// What a source tells of an image, as the statements bind it. One list of columns for all of them, in one order.
struct FoundColumns {
  static constexpr const char* kNames =
      "image_url, folder_name, file_name, fetch_headers, meta, title, description, attribution_id, attribution_name,"
      " attribution_url, page_url, content_type, width, height, nsfw, published_at";
  static constexpr const char* kParameters =
      ":url, :folder, :file, :headers, :meta, :title, :description, :attribution_id, :attribution_name,"
      " :attribution_url, :page_url, :type, :width, :height, :nsfw, :published";
  static constexpr const char* kAssignments =
      "image_url = :url, folder_name = :folder, file_name = :file, fetch_headers = :headers, meta = :meta,"
      " title = :title, description = :description, attribution_id = :attribution_id,"
      " attribution_name = :attribution_name, attribution_url = :attribution_url, page_url = :page_url,"
      " content_type = :type, width = :width, height = :height, nsfw = :nsfw, published_at = :published";

  void put(const FoundImage& image);
  /// All but the image's id and host, which stand elsewhere.
  FoundImage get() const;

  /// Binds every parameter of `kParameters`.
  template <class Statement>
  Statement& use_in(Statement& statement) {
    statement, soci::use(url, "url"), soci::use(folder, "folder"), soci::use(file_name, "file"),
        soci::use(fetch_headers, "headers"), soci::use(meta, "meta"), soci::use(title.value, title.set, "title"),
        soci::use(description.value, description.set, "description"),
        soci::use(attribution_id.value, attribution_id.set, "attribution_id"),
        soci::use(attribution_name.value, attribution_name.set, "attribution_name"),
        soci::use(attribution_url.value, attribution_url.set, "attribution_url"),
        soci::use(page_url.value, page_url.set, "page_url"), soci::use(type.value, type.set, "type"),
        soci::use(width.value, width.set, "width"), soci::use(height.value, height.set, "height"),
        soci::use(nsfw.value, nsfw.set, "nsfw"), soci::use(published_at.value, published_at.set, "published");
    return statement;
  }

  /// Takes every column of `kNames`.
  template <class Statement>
  Statement& into_from(Statement& statement) {
    statement, soci::into(url), soci::into(folder), soci::into(file_name), soci::into(fetch_headers), soci::into(meta),
        soci::into(title.value, title.set), soci::into(description.value, description.set),
        soci::into(attribution_id.value, attribution_id.set), soci::into(attribution_name.value, attribution_name.set),
        soci::into(attribution_url.value, attribution_url.set), soci::into(page_url.value, page_url.set),
        soci::into(type.value, type.set), soci::into(width.value, width.set), soci::into(height.value, height.set),
        soci::into(nsfw.value, nsfw.set), soci::into(published_at.value, published_at.set);
    return statement;
  }

  std::string url;
  std::string folder;
  std::string file_name;
  std::string fetch_headers;
  std::string meta;
  OptionalColumn<std::string> title;
  OptionalColumn<std::string> description;
  OptionalColumn<std::string> attribution_id;
  OptionalColumn<std::string> attribution_name;
  OptionalColumn<std::string> attribution_url;
  OptionalColumn<std::string> page_url;
  OptionalColumn<std::string> type;
  OptionalColumn<long long> width;
  OptionalColumn<long long> height;
  OptionalColumn<int> nsfw;
  OptionalColumn<long long> published_at;
};

}  // namespace creel

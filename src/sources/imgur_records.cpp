#include "sources/imgur_records.h"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "base/text.h"
#include "sources/text_time.h"

namespace creel {
namespace {

namespace json = boost::json;

/// A member of an object; null if it is none, or not there.
const json::value& member(const json::value& value, std::string_view name) {
  static const json::value null;
  if (!value.is_object()) return null;
  const auto* found = value.get_object().if_contains(json::string_view(name.data(), name.size()));
  return found == nullptr ? null : *found;
}

std::optional<std::string> text(const json::value& value, std::string_view name) {
  const auto& found = member(value, name);
  if (found.is_string() && !found.get_string().empty()) return std::string(found.get_string());
  if (found.is_int64() && found.get_int64() > 0) return std::to_string(found.get_int64());
  return std::nullopt;
}

std::optional<bool> truth(const json::value& value, std::string_view name) {
  const auto& found = member(value, name);
  return found.is_bool() ? std::optional(found.get_bool()) : std::nullopt;
}

std::optional<double> number(const json::value& value, std::string_view name) {
  const auto& found = member(value, name);
  return found.is_number() ? std::optional(found.to_number<double>()) : std::nullopt;
}

std::optional<std::uint32_t> length(const json::value& value, std::string_view name) {
  const auto found = number(value, name);
  if (!found || *found < 1 || *found > 1e9) return std::nullopt;
  return static_cast<std::uint32_t>(*found);
}

/// The album's text and the image's own, unless one of them says nothing or the same.
std::optional<std::string> combined(const std::optional<std::string>& album, const std::optional<std::string>& own,
                                    std::string_view between) {
  if (!album || album == own) return own;
  if (!own) return album;
  return fmt::format("{}{}{}", *album, between, *own);
}

std::string_view file_name(std::string_view url) {
  url = url.substr(0, url.find('?'));
  return url.substr(url.rfind('/') + 1);
}

/// True if `link` names no image that is all of it: a film, the page around one (.gifv), or the small GIF ("{id}h.gif") that
/// stands for one of more than 20 MB.
bool is_film(const json::value& image, std::string_view id, std::string_view link, std::string_view type) {
  const auto name = ascii_lower(file_name(link));
  if (type.starts_with("video/") || name.ends_with(".mp4") || name.ends_with(".gifv")) return true;
  return truth(image, "animated").value_or(false) && file_name(link) == fmt::format("{}h.gif", id);
}

/// The image's URL and type; nothing if it is to be skipped.
bool set_link(ImageRecord& record, const json::value& image, ImgurAnimations animations) {
  const auto link = text(image, "link").value_or("");
  const auto type = text(image, "type").value_or("");
  record.image_url = link;
  if (!type.empty()) record.type = type;
  if (!is_film(image, record.image_id, link, type)) return !link.empty();
  if (animations == ImgurAnimations::skip) return false;
  const auto mp4 = text(image, "mp4");
  if (!mp4 && !ascii_lower(file_name(link)).ends_with(".mp4")) return false;
  record.image_url = mp4.value_or(link);
  record.type = "video/mp4";
  return true;
}

std::optional<std::string> tag_names(const json::value& item) {
  const auto& tags = member(item, "tags");
  if (!tags.is_array()) return std::nullopt;
  json::array names;
  for (const auto& tag : tags.get_array()) {
    if (const auto name = text(tag, "name")) names.emplace_back(*name);
  }
  if (names.empty()) return std::nullopt;
  return json::serialize(names);
}

/// An image as a record; nothing for what has no image that is wanted.
/// @param album  the album that it is part of, or null
std::optional<ImageRecord> record_of(const json::value& image, const json::value& album, ImgurAnimations animations) {
  ImageRecord record;
  record.image_id = text(image, "id").value_or("");
  if (record.image_id.empty() || !set_link(record, image, animations)) return std::nullopt;
  record.title = combined(text(album, "title"), text(image, "title"), ": ");
  record.description = combined(text(album, "description"), text(image, "description"), "\n\n");
  const auto& author = text(image, "account_url") ? image : album;
  record.attribution_id = text(author, "account_id");
  record.attribution_name = text(author, "account_url");
  if (record.attribution_name) {
    record.attribution_url = "https://imgur.com/user/" + percent_encode(*record.attribution_name);
  }
  record.page_url = "https://imgur.com/" + percent_encode(record.image_id);
  record.width = length(image, "width");
  record.height = length(image, "height");
  record.nsfw = truth(image, "nsfw");
  if (!record.nsfw) record.nsfw = truth(album, "nsfw");
  if (const auto time = number(image, "datetime")) record.published_at = epoch_time(*time);
  auto tags = tag_names(image);
  if (!tags) tags = tag_names(album);
  if (tags) record.meta.emplace_back("tags", *tags);
  if (const auto id = text(album, "id")) {
    record.page_url = "https://imgur.com/a/" + percent_encode(*id);
    record.meta.emplace_back("album_id", *id);
  }
  return record;
}

std::optional<ImgurItem> item_of(const json::value& value, ImgurAnimations animations) {
  ImgurItem item;
  item.id = text(value, "id").value_or("");
  if (item.id.empty() || truth(value, "is_ad").value_or(false)) return std::nullopt;
  item.is_album = truth(value, "is_album").value_or(false);
  if (item.is_album) {
    item.records = imgur_album(value, animations);
    const auto& images = member(value, "images");
    const std::size_t at_hand = images.is_array() ? images.get_array().size() : 0;
    const auto count = number(value, "images_count").value_or(0);
    // An album that does not say how many it has may have more than it shows.
    item.images_count = count >= 1 && count < 1e6 ? static_cast<std::size_t>(count) : at_hand + 1;
    item.is_whole = at_hand >= item.images_count;
  } else if (auto record = record_of(value, nullptr, animations)) {
    item.images_count = 1;
    item.records.push_back(std::move(*record));
  }
  return item;
}

}  // namespace

std::vector<ImageRecord> imgur_album(const json::value& data, ImgurAnimations animations) {
  std::vector<ImageRecord> records;
  const auto& images = member(data, "images");
  if (!images.is_array()) return records;
  std::size_t position = 0;
  for (const auto& image : images.get_array()) {
    ++position;
    auto record = record_of(image, data, animations);
    if (!record) continue;
    record->meta.emplace_back("album_position", std::to_string(position));
    records.push_back(std::move(*record));
  }
  return records;
}

std::optional<std::vector<ImgurItem>> imgur_gallery(const json::value& data, ImgurAnimations animations) {
  const auto& values = data.is_array() ? data : member(data, "items");
  if (!values.is_array()) return std::nullopt;
  std::vector<ImgurItem> items;
  for (const auto& value : values.get_array()) {
    if (auto item = item_of(value, animations)) items.push_back(std::move(*item));
  }
  return items;
}

std::string imgur_album_id(std::string_view text) {
  text = trim(text);
  text = text.substr(0, text.find_first_of("?#"));
  while (text.ends_with('/')) text.remove_suffix(1);
  if (text.find('/') == std::string_view::npos) return std::string(text);
  const auto last = text.substr(text.rfind('/') + 1);
  // Pages have the title before the id: /gallery/a-walk-by-the-sea-AbC12de
  return std::string(last.substr(last.rfind('-') + 1));
}

}  // namespace creel

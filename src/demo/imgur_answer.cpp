// The part of Imgur's API that sources of type `imgur` ask, in the shapes of the real one.
// Source: https://apidocs.imgur.com

#include <algorithm>
#include <charconv>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/text.h"
#include "demo/site_answers.h"

namespace creel::demo {
namespace {

namespace json = boost::json;

constexpr std::size_t kItemsOnPage = 5;
/// A gallery shows no more of an album; the rest is at /3/album/ID.
constexpr std::size_t kShownOfAlbum = 3;

HttpReply envelope(int status, json::value data) {
  const json::object body{{"data", std::move(data)}, {"success", status < 400}, {"status", status}};
  return {.status = status,
          .headers = {{"Content-Type", "application/json"},
                      {"X-RateLimit-UserLimit", "500"},
                      {"X-RateLimit-UserRemaining", "499"},
                      {"X-RateLimit-ClientLimit", "12500"},
                      {"X-RateLimit-ClientRemaining", "12400"}},
          .body = json::serialize(body)};
}

HttpReply refusal(int status, std::string_view why, const std::string& path) {
  return envelope(status, json::object{{"error", why}, {"request", path}, {"method", "GET"}});
}

json::value text_or_null(const std::string& text) {
  return text.empty() ? json::value() : json::value(text);
}

json::object image_json(const ShownPicture& shown) {
  const auto& picture = shown.picture;
  json::object image{{"id", picture.id},
                     {"title", text_or_null(picture.title)},
                     {"description", text_or_null(picture.description)},
                     {"datetime", std::chrono::system_clock::to_time_t(shown.published_at)},
                     {"type", shown.content_type()},
                     {"animated", false},
                     {"size", picture.sample.bytes.size()},
                     {"views", 12},
                     {"vote", nullptr},
                     {"favorite", false},
                     {"nsfw", picture.nsfw},
                     {"section", nullptr},
                     {"account_url", text_or_null(picture.author)},
                     {"account_id", nullptr},
                     {"is_ad", false},
                     {"in_gallery", false},
                     {"has_sound", false},
                     {"tags", json::array()},
                     {"link", shown.url}};
  if (shown.info && shown.info->width) image["width"] = *shown.info->width;
  if (shown.info && shown.info->height) image["height"] = *shown.info->height;
  return image;
}

json::array tags_of(const Site& site) {
  return {{{"name", site.tag}, {"display_name", site.tag}}};
}

/// @param at_most  how many of its images are shown
json::object album_json(const Site& site, const Album& album, const std::vector<const ShownPicture*>& pictures,
                        std::size_t at_most) {
  json::array images;
  for (const auto* shown : std::span(pictures).first(std::min(at_most, pictures.size()))) {
    images.push_back(image_json(*shown));
  }
  return {{"id", album.id},
          {"title", album.title},
          {"description", text_or_null(album.description)},
          {"datetime", std::chrono::system_clock::to_time_t(pictures.front()->published_at)},
          {"cover", pictures.front()->picture.id},
          {"account_url", text_or_null(album.author)},
          {"account_id", nullptr},
          {"privacy", "public"},
          {"is_album", true},
          {"nsfw", false},
          {"is_ad", false},
          {"images_count", pictures.size()},
          {"tags", tags_of(site)},
          {"images", std::move(images)}};
}

std::vector<const ShownPicture*> pictures_of(const std::string& album, const std::vector<ShownPicture>& all) {
  std::vector<const ShownPicture*> pictures;
  for (const auto& shown : all) {
    if (shown.picture.album == album) pictures.push_back(&shown);
  }
  // An album has its own order, the first picture first.
  std::ranges::reverse(pictures);
  return pictures;
}

/// The gallery of the tag: images, and albums at the place of their newest image.
json::array gallery(const SiteView& view) {
  const auto all = shown_pictures(view);
  json::array items;
  std::vector<std::string> seen;
  for (const auto& shown : all) {
    const auto& album = shown.picture.album;
    if (album.empty()) {
      auto image = image_json(shown);
      image["is_album"] = false;
      image["tags"] = tags_of(view.site);
      items.push_back(std::move(image));
    } else if (std::ranges::find(seen, album) == seen.end()) {
      seen.push_back(album);
      items.push_back(album_json(view.site, *view.site.find_album(album), pictures_of(album, all), kShownOfAlbum));
    }
  }
  return items;
}

HttpReply gallery_page(const SiteView& view, std::size_t page) {
  const auto items = gallery(view);
  json::array on_page;
  for (auto i = page * kItemsOnPage; i < std::min(items.size(), (page + 1) * kItemsOnPage); ++i) {
    on_page.push_back(items[i]);
  }
  return envelope(200, json::object{{"name", view.site.tag},
                                    {"display_name", view.site.tag},
                                    {"total_items", items.size()},
                                    {"items", std::move(on_page)}});
}

}  // namespace

std::optional<HttpReply> imgur_answer(const SiteView& view, const SiteRequest& request) {
  const auto parts = split(request.path, '/');
  if (parts.size() < 2 || parts[1] != "3") return std::nullopt;
  if (request.authorization != fmt::format("Client-ID {}", kClientId)) {
    return refusal(403, "Invalid client_id", request.path);
  }
  // /3/gallery/t/TAG/SORT/WINDOW/PAGE
  if (parts.size() == 8 && parts[2] == "gallery" && parts[3] == "t" && parts[4] == view.site.tag) {
    std::size_t page = 0;
    const auto read = std::from_chars(parts[7].data(), parts[7].data() + parts[7].size(), page);
    if (read.ec == std::errc() && page < 1000) return gallery_page(view, page);
  }
  // /3/album/ID
  if (parts.size() == 4 && parts[2] == "album") {
    const auto all = shown_pictures(view);
    const auto pictures = pictures_of(std::string(parts[3]), all);
    const auto* album = view.site.find_album(parts[3]);
    if (album != nullptr && !pictures.empty()) {
      return envelope(200, album_json(view.site, *album, pictures, pictures.size()));
    }
  }
  return refusal(404, "Not found", request.path);
}

}  // namespace creel::demo

#include "demo/site_answers.h"

#include <array>

#include <boost/json.hpp>
#include <fmt/chrono.h>
#include <fmt/format.h>

#include "aws/xml.h"

namespace creel::demo {
namespace {

namespace json = boost::json;

constexpr std::size_t kPhotosOnPage = 5;

/// The jq program of the source that reads the photo interface.
constexpr std::string_view kPhotoProgram = R"((.photos[] | {
  image_id: .id, image_url: .src.original, title: .caption, description: .story,
  attribution_name: .photographer.name, page_url: .url, width, height, nsfw: .mature, published_at: .taken}),
(select(.next_page) | {next_url: .next_page}))";

std::time_t seconds_of(SystemTime time) {
  return std::chrono::system_clock::to_time_t(time);
}

std::string rss_item(const SiteView& view, const ShownPicture& shown) {
  const auto& picture = shown.picture;
  return fmt::format(
      "<item><title>{}</title><link>{}</link><guid isPermaLink=\"false\">{}</guid><pubDate>{:%a, %d %b %Y %H:%M:%S} "
      "GMT</pubDate><description>{}</description><media:credit role=\"photographer\">{}</media:credit>"
      "<media:rating scheme=\"urn:simple\">{}</media:rating>"
      "<media:content url=\"{}\" type=\"{}\" medium=\"image\" width=\"{}\" height=\"{}\" fileSize=\"{}\"/></item>\n",
      aws::xml_escape(picture.title), view.page_of(picture), picture.id, fmt::gmtime(seconds_of(shown.published_at)),
      aws::xml_escape(picture.description), aws::xml_escape(picture.author), picture.nsfw ? "adult" : "nonadult",
      shown.url, shown.content_type(), shown.info ? shown.info->width.value_or(0) : 0,
      shown.info ? shown.info->height.value_or(0) : 0, picture.sample.bytes.size());
}

json::object photo(const SiteView& view, const ShownPicture& shown) {
  const auto& picture = shown.picture;
  json::object photo{{"id", picture.id},
                     {"url", view.page_of(picture)},
                     {"caption", picture.title},
                     {"photographer", {{"name", picture.author}}},
                     {"src", {{"original", shown.url}}},
                     {"mature", picture.nsfw},
                     {"taken", fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(seconds_of(shown.published_at)))}};
  photo["story"] = picture.description.empty() ? json::value() : json::value(picture.description);
  if (shown.info && shown.info->width) photo["width"] = *shown.info->width;
  if (shown.info && shown.info->height) photo["height"] = *shown.info->height;
  return photo;
}

/// The number of a page that is asked for; nothing if it is none.
std::optional<std::size_t> page_number(const std::string& text) {
  if (text.empty()) return 1;
  if (text.size() > 4 || text.find_first_not_of("0123456789") != std::string::npos || text == "0") return std::nullopt;
  return std::stoul(text);
}

HttpReply text_reply(std::string type, std::string body) {
  return {.headers = {{"Content-Type", std::move(type)}}, .body = std::move(body)};
}

}  // namespace

std::optional<HttpReply> feed_answer(const SiteView& view, const SiteRequest& request) {
  if (request.path != "/feed.xml") return std::nullopt;
  auto text = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\" xmlns:media=\"http://search.yahoo.com/mrss/\">"
      "<channel><title>{}</title><link>{}/</link><description>Pictures of creel's demonstration</description>\n",
      aws::xml_escape(view.site.source), view.base);
  for (const auto& shown : shown_pictures(view)) text += rss_item(view, shown);
  return text_reply("application/rss+xml; charset=utf-8", text + "</channel></rss>\n");
}

std::optional<HttpReply> photo_answer(const SiteView& view, const SiteRequest& request) {
  if (request.path != "/v1/photos") return std::nullopt;
  const auto page = page_number(request.page);
  if (!page) {
    auto refusal = text_reply("application/json", R"({"error":"page must be a number from 1 on"})");
    refusal.status = 400;
    return refusal;
  }
  const auto all = shown_pictures(view);
  json::array photos;
  for (auto i = (*page - 1) * kPhotosOnPage; i < std::min(all.size(), *page * kPhotosOnPage); ++i) {
    photos.push_back(photo(view, all[i]));
  }
  const bool has_more = all.size() > *page * kPhotosOnPage;
  const auto next = fmt::format("{}/v1/photos?page={}", view.base, *page + 1);
  const json::object answer{
      {"page", *page},
      {"per_page", kPhotosOnPage},
      {"total", all.size()},
      {"photos", std::move(photos)},
      {"next_page", has_more ? json::value(next) : json::value()},
  };
  return text_reply("application/json", json::serialize(answer));
}

std::optional<HttpReply> list_answer(const SiteView& view, const SiteRequest& request) {
  if (request.path != "/urls.txt") return std::nullopt;
  auto text = fmt::format("# {}: pictures of creel's demonstration\n", view.site.source);
  for (const auto& shown : shown_pictures(view)) text += shown.url + "\n";
  return text_reply("text/plain; charset=utf-8", std::move(text));
}

std::optional<HttpReply> site_answer(const SiteView& view, const SiteRequest& request) {
  switch (view.site.kind) {
    case SiteKind::imgur: return imgur_answer(view, request);
    case SiteKind::feed: return feed_answer(view, request);
    case SiteKind::json: return photo_answer(view, request);
    case SiteKind::list: return list_answer(view, request);
  }
  return std::nullopt;
}

json::object source_of(const Site& site, const std::string& base) {
  json::object source{{"name", site.source}, {"type", to_string(site.kind)}};
  switch (site.kind) {
    case SiteKind::imgur: source["settings"] = {{"tag", site.tag}, {"client_id", kClientId}, {"api_url", base}}; break;
    case SiteKind::feed: source["url"] = base + "/feed.xml"; break;
    case SiteKind::json:
      source["url"] = base + "/v1/photos";
      source["settings"] = {{"program", kPhotoProgram}};
      break;
    case SiteKind::list: source["url"] = base + "/urls.txt"; break;
  }
  return source;
}

}  // namespace creel::demo

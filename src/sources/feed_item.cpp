#include "sources/feed_item.h"

#include <algorithm>
#include <charconv>
#include <span>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include "base/failure.h"
#include "base/hash.h"
#include "base/text.h"
#include "sources/html_text.h"

namespace creel {
namespace {

constexpr std::size_t kMaxTextBytes = 1000;
constexpr std::size_t kMaxIdBytes = 100;
constexpr std::size_t kMaxImagesOfItem = 1000;

template <class T>
void fill(std::optional<T>& inner, const std::optional<T>& outer) {
  if (!inner) inner = outer;
}

/// Sixteen hex digits.
std::string hash_of(std::string_view text) {
  const auto digest = sha256(text);
  return to_hex(std::span(digest).first(8));
}

/// The item's name for itself, or what takes its place.
std::string id_of(const FeedItem& item) {
  if (!item.id.empty()) return item.id;
  if (item.link) return item.link->str();
  return hash_of(item.facts.title.value_or("") + "\n" + item.facts.description.value_or(""));
}

std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const auto& text : texts) {
    if (!all.empty()) all += ", ";
    all += text;
    if (all.size() > kMaxTextBytes) break;
  }
  return std::string(utf8_prefix(all, kMaxTextBytes));
}

void add_meta(ImageRecord& record, std::string name, const std::optional<std::string>& value) {
  if (value && !value->empty()) record.meta.emplace_back(std::move(name), *value);
}

ImageRecord record_of(const FeedItem& item, const std::string& item_id, const FeedHead& head, FeedImage image,
                      const Url& url) {
  image.facts.complete_from(item.facts);
  auto outer = head.facts;
  // What a feed calls itself is no image's title.
  outer.title.reset();
  outer.description.reset();
  image.facts.complete_from(outer);
  ImageRecord record{
      .image_id = fmt::format("{}-{}", utf8_prefix(item_id, kMaxIdBytes), hash_of(item_id + "\n" + url.str())),
      .image_url = url.str(),
      .title = image.facts.title,
      .description = image.facts.description,
      .attribution_name = image.facts.author_name,
      .attribution_url = image.facts.author_url,
      .type = image.type,
      .width = image.width,
      .height = image.height,
      .nsfw = image.facts.nsfw,
      .published_at = item.published_at};
  if (item.link) record.page_url = item.link->str();
  add_meta(record, "alt", tidy_text(image.alt));
  add_meta(record, "categories", joined(item.categories));
  add_meta(record, "keywords", image.facts.keywords);
  add_meta(record, "rights", image.facts.rights);
  add_meta(record, "license", image.facts.license);
  add_meta(record, "feed", head.facts.title);
  return record;
}

}  // namespace

void FeedFacts::complete_from(const FeedFacts& outer) {
  fill(title, outer.title);
  fill(description, outer.description);
  // An address belongs to the name beside it.
  if (!author_name) {
    author_name = outer.author_name;
    fill(author_url, outer.author_url);
  }
  fill(rights, outer.rights);
  fill(license, outer.license);
  fill(keywords, outer.keywords);
  fill(nsfw, outer.nsfw);
}

void add_html_images(FeedItem& item, std::string_view html, const FeedOptions& options,
                     const std::optional<Url>& base) {
  if (!options.has_html_images) return;
  for (auto& image : html_images(html, options.html)) {
    item.images.push_back({.reference = std::move(image.reference), .alt = std::move(image.alt), .base = base});
  }
}

std::vector<ImageRecord> records_of(FeedItem item, const FeedHead& head, const FeedOptions& options) {
  std::vector<ImageRecord> records;
  std::unordered_set<std::string> seen;
  const auto item_id = id_of(item);
  const auto take = [&](std::vector<FeedImage>& images, std::size_t max) {
    for (auto& image : images) {
      if (records.size() >= max) return;
      const auto url = resolved(image.base.value_or(item.base), image.reference);
      if (!url || !seen.insert(url->str()).second) continue;
      records.push_back(record_of(item, item_id, head, std::move(image), *url));
    }
  };
  take(item.images, kMaxImagesOfItem);
  if (records.empty() && options.has_thumbnails) take(item.thumbnails, 1);
  return records;
}

std::optional<Url> resolved(const Url& base, std::string_view reference) {
  std::string text(trim(reference));
  if (text.empty()) return std::nullopt;
  // Escaped once too often; no URL means this.
  for (auto at = text.find("&amp;"); at != std::string::npos; at = text.find("&amp;", at + 1)) text.erase(at + 1, 4);
  try {
    return base.resolve(text);
  } catch (const Failure&) {
    return std::nullopt;
  }
}

std::optional<std::string> tidy_text(std::string_view text) {
  auto tidy = plain_text(text, kMaxTextBytes);
  return tidy.empty() ? std::nullopt : std::optional(std::move(tidy));
}

bool says_no_type(std::string_view type) {
  if (!type.contains('/')) return true;
  const auto essence = trim(type.substr(0, type.find(';')));
  return ascii_iequals(essence, "application/octet-stream") || ascii_iequals(essence, "binary/octet-stream");
}

std::optional<std::uint32_t> pixels_of(std::string_view text) {
  text = trim(text);
  std::uint32_t pixels = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), pixels);
  const auto unit = text.substr(static_cast<std::size_t>(parsed.ptr - text.data()));
  if (parsed.ec != std::errc() || pixels == 0 || !(unit.empty() || unit == "px")) return std::nullopt;
  return pixels;
}

}  // namespace creel

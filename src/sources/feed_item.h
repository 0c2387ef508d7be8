#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "net/url.h"
#include "sources/feed_schedule.h"
#include "sources/html_images.h"
#include "sources/source_kind.h"

namespace creel {

/// What can be said of an image, an item or a whole feed; the inner one's word goes before the outer one's.
struct FeedFacts {
  std::optional<std::string> title;
  std::optional<std::string> description;
  std::optional<std::string> author_name;
  std::optional<std::string> author_url;
  std::optional<std::string> rights;
  std::optional<std::string> license;
  std::optional<std::string> keywords;
  std::optional<bool> nsfw;

  /// Fills what is not said from `outer`.
  void complete_from(const FeedFacts& outer);
};

/// An image of an item, its URL not yet resolved.
struct FeedImage {
  std::string reference;
  FeedFacts facts{};
  std::string alt{};
  std::optional<std::string> type{};
  std::optional<std::uint32_t> width{};
  std::optional<std::uint32_t> height{};
  /// What its reference is resolved against, if not the item's base.
  std::optional<Url> base{};
};

/// An item of a feed of any format.
struct FeedItem {
  /// Its own name for itself; may be empty.
  std::string id;
  std::optional<Url> link;
  /// What references are resolved against.
  Url base;
  FeedFacts facts{};
  std::vector<std::string> categories{};
  std::optional<SystemTime> published_at{};
  /// In the order of their worth.
  std::vector<FeedImage> images{};
  /// Used if there is no other image.
  std::vector<FeedImage> thumbnails{};
};

/// What the head of a feed says.
struct FeedHead {
  FeedFacts facts{};
  std::optional<Url> link{};
  FeedSchedule schedule{};
};

struct FeedOptions {
  /// Also the images inside HTML.
  bool has_html_images = true;
  /// Previews, where an item has nothing better.
  bool has_thumbnails = true;
  HtmlImageOptions html{};
};

/// Adds the images of an HTML text to the item, resolved against `base` if that is given.
void add_html_images(FeedItem& item, std::string_view html, const FeedOptions& options,
                     const std::optional<Url>& base = std::nullopt);

/// The records of an item: each URL once, those that cannot be resolved left out. An image keeps its id from poll to poll,
/// wherever it and its item stand: it is made from the item's id and the image's URL.
std::vector<ImageRecord> records_of(FeedItem item, const FeedHead& head, const FeedOptions& options);

/// What a reference means, or nothing.
std::optional<Url> resolved(const Url& base, std::string_view reference);

/// Text of at most 1,000 bytes without tags, or nothing if that is empty.
std::optional<std::string> tidy_text(std::string_view text);

/// True if a declared type does not tell what a file is: none, what is no content type ("jpg"), or that of any bytes
/// (`application/octet-stream`). Then the ending of its URL has to.
bool says_no_type(std::string_view type);

/// A positive number of pixels.
std::optional<std::uint32_t> pixels_of(std::string_view text);

}  // namespace creel

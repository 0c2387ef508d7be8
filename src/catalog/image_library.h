#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "catalog/catalog.h"
#include "catalog/image_repository.h"

namespace creel {

/// An image with all that the catalog knows of it.
struct ImageDetails {
  ImageRow id{};
  SourceId source{};
  std::string source_name;
  std::string image_id;
  std::string image_url;
  std::optional<std::string> final_url;
  std::optional<std::string> page_url;
  std::optional<std::string> title;
  std::optional<std::string> description;
  std::optional<std::string> attribution_id;
  std::optional<std::string> attribution_name;
  std::optional<std::string> attribution_url;
  std::optional<bool> nsfw;
  ImageState state = ImageState::pending;
  std::optional<FailureFacts> failure;
  int attempts = 0;
  std::optional<SystemTime> next_attempt_at;
  std::optional<std::string> key;
  std::optional<std::string> store_url;
  std::optional<std::uint64_t> size_bytes;
  /// Content type.
  std::optional<std::string> type;
  std::optional<std::uint32_t> width;
  std::optional<std::uint32_t> height;
  std::optional<std::string> sha256;
  /// The store's.
  std::optional<std::string> etag;
  std::optional<std::string> origin_etag;
  std::optional<std::string> origin_last_modified;
  std::string folder_name;
  std::string file_name;
  /// A JSON object of strings, or empty.
  std::string meta;
  std::optional<SystemTime> published_at;
  SystemTime found_at;
  std::optional<SystemTime> stored_at;
  SystemTime updated_at;
};

/// Which images; what is empty does not matter. Deleted ones are shown only if `state` asks for them.
struct ImageFilter {
  std::optional<SourceId> source;
  std::optional<ImageState> state;
  /// Why an image failed; for one that is pending, why its last try did.
  std::optional<FailureKind> failure_kind;
  /// "image/png", or "image/*".
  std::optional<std::string> type;
  /// False: those of which nobody says that they are.
  std::optional<bool> nsfw;
  /// Both included. Images of unknown size do not pass.
  std::optional<std::uint64_t> min_size_bytes;
  std::optional<std::uint64_t> max_size_bytes;
  /// From this time on, and before that.
  std::optional<SystemTime> found_after;
  std::optional<SystemTime> found_before;
  /// Words, all of which stand in title, description or the attribution's name, whatever their case and accents. The
  /// last one may be the beginning of a word, unless so many images have it as a word that it is taken for one. Nothing
  /// in it has a special meaning. A text without letters and digits looks for nothing.
  std::string search;
};

/// Images with equal keys are in the order of their numbers. Those that have none (not stored, of unknown size) come
/// last, in the order in which they were found. With a search, `newest_found` and `oldest_found` go by number.
enum class ImageSort : std::uint8_t { newest_found, oldest_found, newest_stored, oldest_stored, largest, smallest };

struct ImageQuery {
  ImageFilter filter{};
  ImageSort sort = ImageSort::newest_found;
  /// From 1 to 1,000.
  std::size_t limit = 50;
  /// Where the last page ended, from its `next_cursor`; empty for the first page.
  std::string cursor{};
};

/// Some images of a list, in its order. The work for one page is bounded, so a page can hold fewer images than asked
/// for, even none, before the last one: as long as there is a cursor, the list goes on.
struct ImagePage {
  std::vector<ImageDetails> images;
  /// Empty after the last page.
  std::string next_cursor;
};

/// What one page may cost, in images looked at.
struct ImageListLimits {
  /// In the order of the list.
  std::size_t walked = 2000;
  /// The same if words are looked for in the text of each.
  std::size_t probed = 1000;
  /// How many images are few: they are all looked at, and sorted.
  std::size_t few = 2000;
  /// How many images make a word common, so that it is taken as it stands.
  std::size_t common = 2000;
};

struct ImageCount {
  SourceId source{};
  ImageState state = ImageState::pending;
  /// For failed ones.
  std::optional<FailureKind> failure_kind;
  std::uint64_t images = 0;
  std::uint64_t bytes = 0;
};

struct HourCount {
  SystemTime hour;
  std::uint64_t stored = 0;
  std::uint64_t failed = 0;
  std::uint64_t bytes = 0;
};

/// How long the oldest image has waited that could be fetched now.
struct QueueAge {
  std::uint64_t waiting = 0;
  std::optional<SystemTime> oldest_found_at;
};

/// The images of the catalog as people look at them, and what they do with them. Each call is one transaction, but for
/// `for_each` and `retry_all`, which go on in slices.
/// Threads: as the catalog, which it must not outlive.
/// @throws CatalogUnavailable | Failure internal from every call
class ImageLibrary {
 public:
  explicit ImageLibrary(Catalog& catalog, ImageListLimits limits = {});
  ~ImageLibrary();

  std::optional<ImageDetails> find(ImageRow id);

  /// @throws Failure bad_request  the cursor is none of this query's
  ImagePage page(const ImageQuery& query);

  /// Calls `take` with every image of the filter in the order of their numbers, until it returns false. Memory does not
  /// grow with their number, and nobody is kept from writing meanwhile.
  void for_each(const ImageFilter& filter, const std::function<bool(const ImageDetails&)>& take);

  /// Marks images as deleted, so that no poll brings them back, and returns them as they were before: what was stored
  /// has an object to remove. An image that is being stored at this moment is marked too; its outcome is dropped.
  std::vector<ImageDetails> remove(std::span<const ImageRow> ids, SystemTime now);

  /// Of these keys, those under which another image than `except` is stored: with keys made of contents, equal images
  /// share an object.
  std::vector<std::string> keys_in_use(std::span<const std::string> keys, std::span<const ImageRow> except);

  /// Puts images that failed back into the queue, with all their tries. Returns how many they were.
  std::uint64_t retry(std::span<const ImageRow> ids, SystemTime now);
  /// All that failed and match the filter.
  std::uint64_t retry_all(const ImageFilter& filter, SystemTime now);

  /// By source, state and failure kind. Looks at every image (1,000,000 in some 100 ms): see `api/` for how often.
  std::vector<ImageCount> counts();
  /// The last hours, those without images left out, the newest first.
  std::vector<HourCount> hours(SystemTime since, std::optional<SourceId> source);
  /// The same for each source in which something happened.
  std::map<SourceId, std::vector<HourCount>> hours_by_source(SystemTime since);
  /// Of the backend's queue.
  QueueAge queue_age();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace creel

#include "catalog/image_library.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>
#include <soci/soci.h>

#include "catalog/connected.h"
#include "catalog/image_cursor.h"
#include "catalog/image_lister.h"
#include "catalog/image_row.h"
#include "catalog/image_statistics.h"
#include "catalog/persisted_time.h"
#include "catalog/sqlite_words.h"
#include "catalog/statements.h"

namespace creel {
namespace {

constexpr const char* kFromImages = "from images i join sources s on s.id = i.source_id";

// Of one that is being stored, it stays known that its object may come to be there, and from when on nobody brings it.
constexpr const char* kRemove =
    "update images set state = 4, interrupted = case when state = 1 then 1 else interrupted end,"
    " lease_until = case when state = 1 then lease_until end, lease_owner = '', deleted_at = :now, updated_at = :now"
    " where id = :id";

// Into the backend's queue, whatever queue it failed in.
constexpr const char* kRetry =
    "update images set state = 0, attempts = 0, next_attempt_at = 0, queue_id = 0, updated_at = :now"
    " where id = :id and state = 3";

constexpr const char* kStoredUnderKey = "select id from images where key = :key and state = 2";

constexpr std::size_t kMaxLimit = 1000;
/// How many images `for_each` looks at in one transaction, and how many `retry_all` puts back in one.
constexpr std::size_t kSlice = 1000;
constexpr std::size_t kMaxStatements = 32;

std::vector<long long> sorted_ids(std::span<const ImageRow> rows) {
  std::vector<long long> ids;
  for (const auto row : rows) ids.push_back(static_cast<long long>(row));
  // Rows are locked in one order by everybody.
  std::ranges::sort(ids);
  const auto [first, last] = std::ranges::unique(ids);
  ids.erase(first, last);
  return ids;
}

}  // namespace

class ImageLibrary::Impl {
 public:
  /// What is prepared on a connection.
  struct Parts {
    Parts(soci::session& session_in, Dialect dialect_in)
        : session(session_in), dialect(dialect_in), lister(session_in, dialect_in), statistics(session_in) {
      if (dialect == Dialect::sqlite) add_word_function(session);
    }

    std::optional<ImageDetails> find(long long image, const char* lock = "") {
      auto& query = by_id(lock);
      id = image;
      if (!query.execute()) return std::nullopt;
      auto details = query.row();
      while (query.fetch()) {
      }
      return details;
    }

    std::vector<ImageDetails> find_all(const std::vector<ImagePosition>& positions);
    ImagePage page(const ImageQuery& query);
    std::vector<ImageDetails> slice(const ImageFilter& filter, const SearchWords& words, long long& after, bool& more);
    std::vector<ImageDetails> remove(const std::vector<long long>& ids, SystemTime now);
    std::uint64_t retry(const std::vector<long long>& ids, SystemTime now);
    bool is_stored_elsewhere(const std::string& object_key, const std::vector<long long>& except);
    /// The next `kSlice` images of the filter, in some order that goes on from call to call.
    std::vector<long long> next_ids(const ImageFilter& filter, std::optional<ImagePosition>& after);

    ImageRowQuery& by_id(const char* lock);
    soci::statement& change(const char* sql, std::unique_ptr<soci::statement>& statement);

    soci::session& session;
    Dialect dialect;
    ImageLister lister;
    ImageStatistics statistics;

    long long id = 0;
    long long now_persisted = 0;
    std::string ids_text;
    std::map<std::string, std::unique_ptr<ImageRowQuery>> rows_by_id;
    std::unique_ptr<ImageRowQuery> rows_by_ids;
    std::unique_ptr<soci::statement> remove_one;
    std::unique_ptr<soci::statement> retry_one;
    std::string key;
    std::unique_ptr<soci::statement> stored_under_key;
    ImageParameters in;
    std::map<std::string, std::unique_ptr<ImageRowQuery>> slices;
  };

  Impl(Catalog& catalog, const ImageListLimits& limits_in) : parts(catalog), limits(limits_in) {}

  Connected<Parts> parts;
  ImageListLimits limits;
};

ImageRowQuery& ImageLibrary::Impl::Parts::by_id(const char* lock) {
  auto& query = rows_by_id[lock];
  if (!query) {
    auto made = std::make_unique<ImageRowQuery>(session);
    made->bind("id", id);
    made->prepare(fmt::format("select {} {} where i.id = :id{}", ImageRowQuery::columns(), kFromImages, lock));
    query = std::move(made);
  }
  return *query;
}

/// In the order of the positions. SQLite is asked for one after the other, a server for all at once.
std::vector<ImageDetails> ImageLibrary::Impl::Parts::find_all(const std::vector<ImagePosition>& positions) {
  std::vector<ImageDetails> images;
  images.reserve(positions.size());
  if (positions.empty()) return images;
  if (dialect == Dialect::sqlite) {
    for (const auto& position : positions) {
      if (auto image = find(position.id)) images.push_back(std::move(*image));
    }
    return images;
  }
  if (!rows_by_ids) {
    auto made = std::make_unique<ImageRowQuery>(session);
    made->bind("ids", ids_text);
    made->prepare(
        fmt::format("select {} {} where i.id = any (cast(:ids as bigint[]))", ImageRowQuery::columns(), kFromImages));
    rows_by_ids = std::move(made);
  }
  ids_text = "{";
  std::unordered_map<long long, std::size_t> place;
  for (const auto& position : positions) {
    if (!place.empty()) ids_text.push_back(',');
    ids_text += std::to_string(position.id);
    place.emplace(position.id, place.size());
  }
  ids_text.push_back('}');
  images.resize(positions.size());
  std::size_t found = 0;
  for (bool row = rows_by_ids->execute(); row; row = rows_by_ids->fetch(), ++found) {
    auto image = rows_by_ids->row();
    images.at(place.at(static_cast<long long>(image.id))) = std::move(image);
  }
  if (found < images.size()) std::erase_if(images, [](const auto& image) { return image.id == ImageRow{}; });
  return images;
}

ImagePage ImageLibrary::Impl::Parts::page(const ImageQuery& query) {
  auto bounded = query;
  bounded.limit = std::clamp<std::size_t>(query.limit, 1, kMaxLimit);
  const auto listed = lister.list(bounded, from_cursor(query));
  ImagePage page{.images = find_all(listed.images), .next_cursor = {}};
  if (listed.next) page.next_cursor = to_cursor(*listed.next, query);
  return page;
}

/// The images among the next `kSlice` numbers that pass the filter.
std::vector<ImageDetails> ImageLibrary::Impl::Parts::slice(const ImageFilter& filter, const SearchWords& words,
                                                           long long& after, bool& more) {
  long long last = 0;
  soci::indicator last_set = soci::i_null;
  session << fmt::format("select max(id) from (select id from images where id > :after order by id limit {}) as c",
                         kSlice),
      soci::use(after, "after"), soci::into(last, last_set);
  more = last_set == soci::i_ok;
  std::vector<ImageDetails> images;
  if (!more) return images;
  in.set(filter);
  in.set(words, dialect);
  in.low = after;
  in.high = last;
  const auto conditions = conditions_sql(filter, ImageConditions::all(), !words.empty(), dialect);
  const auto sql = fmt::format("select {} {} where i.id > :low and i.id <= :high and {} order by i.id",
                               ImageRowQuery::columns(), kFromImages, conditions);
  auto& query = slices[sql];
  if (!query) {
    auto made = std::make_unique<ImageRowQuery>(session);
    in.bind_used(sql, [&](const std::string& name, const auto& value) { made->bind(name, value); });
    made->prepare(sql);
    if (slices.size() > kMaxStatements) slices.clear();
    slices[sql] = std::move(made);
  }
  auto& prepared = *slices.at(sql);
  for (bool row = prepared.execute(); row; row = prepared.fetch()) images.push_back(prepared.row());
  after = last;
  return images;
}

soci::statement& ImageLibrary::Impl::Parts::change(const char* sql, std::unique_ptr<soci::statement>& statement) {
  if (!statement) {
    statement = std::make_unique<soci::statement>(
        (session.prepare << sql, soci::use(now_persisted, "now"), soci::use(id, "id")));
  }
  return *statement;
}

std::vector<ImageDetails> ImageLibrary::Impl::Parts::remove(const std::vector<long long>& ids, SystemTime now) {
  now_persisted = persisted(now);
  std::vector<ImageDetails> removed;
  for (const auto image : ids) {
    auto found = find(image, dialect == Dialect::postgresql ? " for update of i" : "");
    if (!found || found->state == ImageState::deleted) continue;
    id = image;
    change_rows(change(kRemove, remove_one));
    removed.push_back(std::move(*found));
  }
  return removed;
}

std::uint64_t ImageLibrary::Impl::Parts::retry(const std::vector<long long>& ids, SystemTime now) {
  now_persisted = persisted(now);
  std::uint64_t retried = 0;
  for (const auto image : ids) {
    id = image;
    retried += static_cast<std::uint64_t>(change_rows(change(kRetry, retry_one)));
  }
  return retried;
}

/// True if an image that is not among `except`, sorted numbers, is stored under the key.
bool ImageLibrary::Impl::Parts::is_stored_elsewhere(const std::string& object_key,
                                                    const std::vector<long long>& except) {
  if (!stored_under_key) {
    stored_under_key =
        std::make_unique<soci::statement>((session.prepare << kStoredUnderKey, soci::use(key, "key"), soci::into(id)));
  }
  key = object_key;
  bool is_elsewhere = false;
  // To the last row, so that the statement holds nothing open.
  for (bool row = stored_under_key->execute(true); row; row = stored_under_key->fetch()) {
    is_elsewhere = is_elsewhere || !std::ranges::binary_search(except, id);
  }
  return is_elsewhere;
}

std::vector<long long> ImageLibrary::Impl::Parts::next_ids(const ImageFilter& filter,
                                                           std::optional<ImagePosition>& after) {
  const auto listed = lister.list({.filter = filter, .sort = ImageSort::oldest_found, .limit = kSlice}, after);
  after = listed.next;
  std::vector<long long> ids;
  for (const auto& position : listed.images) ids.push_back(position.id);
  std::ranges::sort(ids);
  return ids;
}

ImageLibrary::ImageLibrary(Catalog& catalog, ImageListLimits limits) : impl_(std::make_unique<Impl>(catalog, limits)) {}
ImageLibrary::~ImageLibrary() = default;

std::optional<ImageDetails> ImageLibrary::find(ImageRow id) {
  return impl_->parts.read([&](auto& parts) { return parts.find(static_cast<long long>(id)); });
}

ImagePage ImageLibrary::page(const ImageQuery& query) {
  return impl_->parts.read([&](auto& parts) {
    parts.lister.set_limits(impl_->limits);
    return parts.page(query);
  });
}

void ImageLibrary::for_each(const ImageFilter& filter, const std::function<bool(const ImageDetails&)>& take) {
  const auto words = search_words(filter.search);
  long long after = 0;
  for (bool more = true; more;) {
    const auto images = impl_->parts.read([&](auto& parts) { return parts.slice(filter, words, after, more); });
    for (const auto& image : images) {
      if (!take(image)) return;
    }
  }
}

std::vector<ImageDetails> ImageLibrary::remove(std::span<const ImageRow> ids, SystemTime now) {
  return impl_->parts.write([&](auto& parts) { return parts.remove(sorted_ids(ids), now); });
}

std::vector<std::string> ImageLibrary::keys_in_use(std::span<const std::string> keys,
                                                   std::span<const ImageRow> except) {
  const auto ids = sorted_ids(except);
  return impl_->parts.read([&](auto& parts) {
    std::vector<std::string> used;
    for (const auto& key : keys) {
      if (parts.is_stored_elsewhere(key, ids)) used.push_back(key);
    }
    return used;
  });
}

std::uint64_t ImageLibrary::retry(std::span<const ImageRow> ids, SystemTime now) {
  return impl_->parts.write([&](auto& parts) { return parts.retry(sorted_ids(ids), now); });
}

std::uint64_t ImageLibrary::retry_all(const ImageFilter& filter, SystemTime now) {
  auto failed = filter;
  if (failed.state.value_or(ImageState::failed) != ImageState::failed) return 0;
  failed.state = ImageState::failed;
  std::uint64_t retried = 0;
  std::optional<ImagePosition> after;
  do {
    retried += impl_->parts.write([&](auto& parts) { return parts.retry(parts.next_ids(failed, after), now); });
  } while (after);
  return retried;
}

std::vector<ImageCount> ImageLibrary::counts() {
  return impl_->parts.read([](auto& parts) { return parts.statistics.counts(); });
}

std::vector<HourCount> ImageLibrary::hours(SystemTime since, std::optional<SourceId> source) {
  return impl_->parts.read([&](auto& parts) { return parts.statistics.hours(since, source); });
}

std::map<SourceId, std::vector<HourCount>> ImageLibrary::hours_by_source(SystemTime since) {
  return impl_->parts.read([&](auto& parts) { return parts.statistics.hours_by_source(since); });
}

QueueAge ImageLibrary::queue_age() {
  const auto now = SystemClock{}.now();
  return impl_->parts.read([&](auto& parts) { return parts.statistics.queue_age(now); });
}

}  // namespace creel

#include "catalog/image_statistics.h"

#include <algorithm>
#include <map>
#include <tuple>

#include <fmt/format.h>
#include <soci/soci.h>

#include "catalog/image_facet.h"
#include "catalog/persisted_time.h"

namespace creel {
namespace {

constexpr const char* kCountDone =
    "select source_id, facet, count(*), coalesce(sum(size_bytes), 0) from images where state >= 2"
    " group by source_id, facet";
constexpr const char* kCountWaiting = "select source_id, 0, count(*), 0 from images where state < 2 group by source_id";
constexpr const char* kCountStoring = "select source_id, 0, count(*), 0 from images where state = 1 group by source_id";

constexpr const char* kStoredFacets =
    "with recursive f (v) as (select min(facet) from images where state >= 2 and facet >= 8192"
    " union all select (select min(facet) from images where state >= 2 and facet > f.v) from f"
    " where f.v is not null and f.v < 12287)"
    " select v from f where v is not null and v < 12288";
constexpr const char* kStoredHours =
    "select stored_at / 3600000, count(*), coalesce(sum(size_bytes), 0) from images where state >= 2"
    " and stored_at is not null and facet = :facet and stored_at >= :since{} group by 1";
constexpr const char* kFailedHours =
    "select updated_at / 3600000, count(*), 0 from images where state = 3 and updated_at >= :since{} group by 1";

// Goes from source to source, each a stretch of an index that has all that is asked for.
constexpr const char* kStoredHoursBySource =
    "select s.id, i.stored_at / 3600000, count(*), coalesce(sum(i.size_bytes), 0) from sources s cross join images i"
    " where i.source_id = s.id and i.state >= 2 and i.stored_at is not null and i.facet = :facet"
    " and i.stored_at >= :since group by 1, 2";
constexpr const char* kFailedHoursBySource =
    "select source_id, updated_at / 3600000, count(*), 0 from images where state = 3 and updated_at >= :since"
    " group by 1, 2";

constexpr const char* kWaiting =
    "select count(*) from images where state = 0 and queue_id = 0 and next_attempt_at <= :now";
constexpr const char* kOldest =
    "select min(found_at) from (select found_at, state, queue_id, next_attempt_at from images where state < 2"
    " order by found_at, id limit 20000) as oldest where state = 0 and queue_id = 0 and next_attempt_at <= :now";

constexpr long long kMillisecondsPerHour = 3'600'000;

struct Row {
  long long first = 0;
  long long second = 0;
  long long images = 0;
  long long bytes = 0;
};

template <class Take>
void read_counts(soci::session& session, const char* sql, Take take) {
  Row row;
  soci::statement statement = (session.prepare << sql, soci::into(row.first), soci::into(row.second),
                               soci::into(row.images), soci::into(row.bytes));
  for (bool more = statement.execute(true); more; more = statement.fetch()) take(row);
}

std::vector<long long> stored_facets(soci::session& session) {
  std::vector<long long> facets;
  long long facet = 0;
  soci::statement statement = (session.prepare << kStoredFacets, soci::into(facet));
  for (bool more = statement.execute(true); more; more = statement.fetch()) facets.push_back(facet);
  return facets;
}

/// A query of images by hour, from a time on and perhaps of one source.
class HourQuery {
 public:
  HourQuery(soci::session& session, const char* sql, SystemTime since, std::optional<SourceId> source)
      : since_(persisted_not_before(since)), statement_(session) {
    for (auto* number : {&row_.first, &row_.images, &row_.bytes}) statement_.exchange(soci::into(*number));
    const std::string_view template_text(sql);
    if (template_text.find(":facet") != std::string_view::npos) statement_.exchange(soci::use(facet_, "facet"));
    statement_.exchange(soci::use(since_, "since"));
    if (source) {
      source_ = static_cast<long long>(*source);
      statement_.exchange(soci::use(source_, "source"));
    }
    statement_.alloc();
    statement_.prepare(fmt::format(fmt::runtime(sql), source ? " and source_id = :source" : ""));
    statement_.define_and_bind();
  }

  template <class Take>
  void read(long long facet, Take take) {
    facet_ = facet;
    for (bool more = statement_.execute(true); more; more = statement_.fetch()) take(row_);
  }

 private:
  long long since_;
  long long source_ = 0;
  long long facet_ = 0;
  Row row_;
  soci::statement statement_;
};

}  // namespace

std::vector<ImageCount> ImageStatistics::counts() {
  // By source, state and failure kind.
  std::map<std::tuple<long long, ImageState, int>, ImageCount> counts;
  const auto count = [&](long long source, ImageState state, int failure_kind) -> ImageCount& {
    auto& entry = counts[{source, state, failure_kind}];
    entry.source = SourceId{source};
    entry.state = state;
    if (failure_kind != 0) entry.failure_kind = creel::failure_kind(failure_kind).value_or(FailureKind::internal);
    return entry;
  };
  read_counts(session_, kCountDone, [&](const Row& row) {
    const ImageFacet facet(row.second);
    const bool failed = facet.state() == ImageState::failed;
    auto& entry = count(row.first, facet.state(), failed ? facet.failure_kind() : 0);
    entry.images += static_cast<std::uint64_t>(row.images);
    entry.bytes += static_cast<std::uint64_t>(row.bytes);
  });
  read_counts(session_, kCountWaiting, [&](const Row& row) {
    count(row.first, ImageState::pending, 0).images = static_cast<std::uint64_t>(row.images);
  });
  read_counts(session_, kCountStoring, [&](const Row& row) {
    const auto images = static_cast<std::uint64_t>(row.images);
    count(row.first, ImageState::storing, 0).images = images;
    count(row.first, ImageState::pending, 0).images -= images;
  });
  std::vector<ImageCount> list;
  for (const auto& [key, entry] : counts) {
    if (entry.images > 0) list.push_back(entry);
  }
  return list;
}

std::vector<HourCount> ImageStatistics::hours(SystemTime since, std::optional<SourceId> source) {
  std::map<long long, HourCount, std::greater<>> hours;
  const auto entry = [&](long long hour) -> HourCount& {
    auto& found = hours[hour];
    found.hour = from_persisted(hour * kMillisecondsPerHour);
    return found;
  };
  HourQuery stored(session_, kStoredHours, since, source);
  for (const auto facet : stored_facets(session_)) {
    stored.read(facet, [&](const Row& row) {
      entry(row.first).stored += static_cast<std::uint64_t>(row.images);
      entry(row.first).bytes += static_cast<std::uint64_t>(row.bytes);
    });
  }
  HourQuery failed(session_, kFailedHours, since, source);
  failed.read(0, [&](const Row& row) { entry(row.first).failed += static_cast<std::uint64_t>(row.images); });
  std::vector<HourCount> list;
  for (const auto& [hour, found] : hours) list.push_back(found);
  return list;
}

std::map<SourceId, std::vector<HourCount>> ImageStatistics::hours_by_source(SystemTime since) {
  const long long since_persisted = persisted_not_before(since);
  std::map<SourceId, std::map<long long, HourCount, std::greater<>>> sources;
  const auto entry = [&](const Row& row) -> HourCount& {
    auto& found = sources[SourceId{row.first}][row.second];
    found.hour = from_persisted(row.second * kMillisecondsPerHour);
    return found;
  };
  for (const auto facet : stored_facets(session_)) {
    Row row;
    soci::statement stored =
        (session_.prepare << kStoredHoursBySource, soci::use(facet, "facet"), soci::use(since_persisted, "since"),
         soci::into(row.first), soci::into(row.second), soci::into(row.images), soci::into(row.bytes));
    for (bool more = stored.execute(true); more; more = stored.fetch()) {
      entry(row).stored += static_cast<std::uint64_t>(row.images);
      entry(row).bytes += static_cast<std::uint64_t>(row.bytes);
    }
  }
  Row row;
  soci::statement failed =
      (session_.prepare << kFailedHoursBySource, soci::use(since_persisted, "since"), soci::into(row.first),
       soci::into(row.second), soci::into(row.images), soci::into(row.bytes));
  for (bool more = failed.execute(true); more; more = failed.fetch()) {
    entry(row).failed += static_cast<std::uint64_t>(row.images);
  }
  std::map<SourceId, std::vector<HourCount>> lists;
  for (const auto& [source, hours] : sources) {
    for (const auto& [hour, found] : hours) lists[source].push_back(found);
  }
  return lists;
}

QueueAge ImageStatistics::queue_age(SystemTime now) {
  const long long now_persisted = persisted(now);
  long long waiting = 0;
  long long oldest = 0;
  soci::indicator oldest_set = soci::i_null;
  session_ << kWaiting, soci::use(now_persisted, "now"), soci::into(waiting);
  QueueAge age{.waiting = static_cast<std::uint64_t>(waiting)};
  if (waiting == 0) return age;
  session_ << kOldest, soci::use(now_persisted, "now"), soci::into(oldest, oldest_set);
  if (oldest_set == soci::i_ok) age.oldest_found_at = from_persisted(oldest);
  return age;
}

}  // namespace creel

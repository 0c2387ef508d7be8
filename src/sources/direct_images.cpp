#include "sources/direct_images.h"

#include <algorithm>
#include <span>
#include <unordered_map>

#include <fmt/format.h>

#include "catalog/image_repository.h"
#include "catalog/source_repository.h"
#include "sources/record_intake.h"

namespace creel {
namespace {

constexpr const char* kDirect = "direct";
/// A transaction holds up others that write, so it is kept short.
constexpr std::size_t kImagesAtOnce = 1'000;

/// Images that were added by hand are always fetched: a person asked for them.
constexpr RetryFailed kAllAnew{.all = true, .kind = std::nullopt, .deleted = true};

struct DirectSource {
  SourceRecord source;
  bool is_new = false;
};

enum class FirstTry : std::uint8_t { no, yes };

DirectSource direct_source(SourceRepository& sources, SystemTime now, FirstTry is_first_try = FirstTry::yes) {
  if (auto source = sources.find(kDirect)) {
    if (source->definition.type == kDirect) return {.source = std::move(*source)};
    throw Failure(FailureKind::bad_request,
                  fmt::format("images that are added by hand belong to a source named '{}', but that name is taken by "
                              "a source of type {}: rename it",
                              kDirect, source->definition.type));
  }
  SourceDefinition definition;
  definition.name = kDirect;
  definition.type = kDirect;
  try {
    return {.source = sources.add(definition, SourceStatus{}, now), .is_new = true};
  } catch (const SourceNameTaken&) {
    // By another program, at this moment; once, since a name that cannot be seen is not waited for.
    if (is_first_try == FirstTry::no) throw;
  }
  return direct_source(sources, now, FirstTry::no);
}

struct Batch {
  std::vector<FoundImage> images;
  /// The record of each image.
  std::vector<std::size_t> records;
};

struct Seen {
  DirectSource direct;
  std::vector<Sighting> sightings;
};

Seen see(Repositories& to, const std::vector<FoundImage>& images, SystemTime now) {
  Seen seen{.direct = direct_source(to.sources, now), .sightings = {}};
  const auto id = seen.direct.source.id;
  const auto poll = to.sources.begin_poll(id, now);
  for (std::size_t begin = 0; begin < images.size(); begin += kImagesAtOnce) {
    const auto part = std::span(images).subspan(begin, std::min(kImagesAtOnce, images.size() - begin));
    auto sightings = to.images.see(id, poll, kBackendQueue, part, kAllAnew, now);
    std::ranges::move(sightings, std::back_inserter(seen.sightings));
  }
  to.sources.end_poll(poll, {}, now);
  return seen;
}

}  // namespace

Task<std::vector<Scheduler::Added>> add_direct_images(CatalogService& catalog, SourceListener& listener,
                                                      const Clock& clock, std::vector<ImageRecord> records) {
  std::vector<Scheduler::Added> added(records.size());
  Batch batch;
  for (std::size_t i = 0; i < records.size(); ++i) {
    try {
      batch.images.push_back(found_image(records[i], kDirect));
      batch.records.push_back(i);
    } catch (const Failure& failure) {
      added[i].refused = failure;
    }
  }
  if (batch.images.empty()) co_return added;

  const auto now = clock.now();
  const auto seen = co_await catalog.write([&](Repositories& to) { return see(to, batch.images, now); });
  std::size_t waiting = 0;
  // Of an image that is listed more than once, the catalog knows only the first.
  std::unordered_map<std::string, ImageRow> rows;
  for (std::size_t i = 0; i < seen.sightings.size(); ++i) {
    const auto& sighting = seen.sightings[i];
    added[batch.records[i]].row = rows.emplace(batch.images[i].image_id, sighting.row).first->second;
    added[batch.records[i]].is_new = sighting.is_new;
    if (sighting.what == Sighting::What::pending) ++waiting;
  }
  if (seen.direct.is_new) listener.on_source(seen.direct.source);
  if (waiting > 0) listener.on_images_added(waiting);
  co_return added;
}

}  // namespace creel

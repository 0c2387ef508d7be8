#include "sources/direct_images.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
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

/// The images for one source.
struct Batch {
  std::vector<FoundImage> images;
  /// Which of the images of the call each of them is.
  std::vector<std::size_t> places;
};

using SourceNames = std::map<SourceId, std::string>;

/// Of those of `ids` that take images.
SourceNames names_of(SourceRepository& sources, const std::set<SourceId>& ids) {
  SourceNames names;
  for (const auto id : ids) {
    const auto source = sources.find(id);
    if (source && source->definition.type == kDirect) names.emplace(id, source->definition.name);
  }
  return names;
}

Failure no_such_source(SourceId id) {
  return {FailureKind::not_found, fmt::format("there is no source {} of type {}: images can be added to no other",
                                              static_cast<std::int64_t>(id), kDirect)};
}

struct Seen {
  DirectSource direct;
  std::vector<Sighting> sightings;
};

/// Nothing if the source has gone, or has become another.
std::optional<Seen> see(Repositories& to, std::optional<SourceId> into, const std::vector<FoundImage>& images,
                        SystemTime now) {
  Seen seen;
  if (into) {
    auto source = to.sources.find(*into);
    if (!source || source->definition.type != kDirect) return std::nullopt;
    seen.direct.source = std::move(*source);
  } else {
    seen.direct = direct_source(to.sources, now);
  }
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

/// Notes in `added` what became of the images of one batch. Returns how many of them wait now.
std::size_t note(const Batch& batch, const std::vector<Sighting>& sightings, std::vector<Scheduler::Added>& added) {
  std::size_t waiting = 0;
  // Of an image that is listed more than once, the catalog knows only the first.
  std::unordered_map<std::string, ImageRow> rows;
  for (std::size_t i = 0; i < sightings.size(); ++i) {
    auto& one = added[batch.places[i]];
    one.row = rows.emplace(batch.images[i].image_id, sightings[i].row).first->second;
    one.is_new = sightings[i].is_new;
    if (sightings[i].what == Sighting::What::pending) ++waiting;
  }
  return waiting;
}

}  // namespace

Task<std::vector<Scheduler::Added>> add_direct_images(CatalogService& catalog, SourceListener& listener,
                                                      const Clock& clock, std::vector<Scheduler::NewImage> images) {
  std::set<SourceId> ids;
  for (const auto& image : images) {
    if (image.source) ids.insert(*image.source);
  }
  SourceNames names;
  if (!ids.empty()) {
    names = co_await catalog.read([&ids](Repositories& from) { return names_of(from.sources, ids); });
  }

  std::vector<Scheduler::Added> added(images.size());
  std::map<std::optional<SourceId>, Batch> batches;
  for (std::size_t i = 0; i < images.size(); ++i) {
    const auto& [record, source] = images[i];
    try {
      if (source && !names.contains(*source)) throw no_such_source(*source);
      auto found = found_image(record, source ? names.at(*source) : kDirect);
      auto& batch = batches[source];
      batch.images.push_back(std::move(found));
      batch.places.push_back(i);
    } catch (const Failure& failure) {
      added[i].refused = failure;
    }
  }

  const auto now = clock.now();
  for (const auto& [source, batch] : batches) {
    const auto seen = co_await catalog.write([&](Repositories& to) { return see(to, source, batch.images, now); });
    if (!seen) {
      for (const auto place : batch.places) added[place].refused = no_such_source(source.value());
      continue;
    }
    if (seen->direct.is_new) listener.on_source(seen->direct.source);
    // At once: what has been added must not wait because the next source cannot be written.
    if (const auto waiting = note(batch, seen->sightings, added); waiting > 0) listener.on_images_added(waiting);
  }
  co_return added;
}

}  // namespace creel

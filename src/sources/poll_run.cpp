#include "sources/poll_run.h"

#include <algorithm>

#include "base/text.h"
#include "sources/record_intake.h"
#include "sources/wait.h"

namespace creel {
namespace {

/// A transaction holds up others that write, so it is kept short.
constexpr std::size_t kImagesAtOnce = 1'000;
/// Of records that cannot be used, each of the first ones has a line in the log.
constexpr std::uint64_t kUnusableShown = 5;

/// Whether `owner` may add to the source: it may until the source is stopped, removed, or polled by another.
bool is_still_polled_by(const std::string& owner, const std::optional<SourceRecord>& source) {
  return source && source->status.state == SourceState::fetching && source->lease_owner == owner;
}

}  // namespace

CatalogPollRun::CatalogPollRun(PollRunParts parts, const SourceRecord& source, PollId poll, std::string owner)
    : parts_(std::move(parts)),
      source_(source.id),
      source_name_(source.definition.name),
      poll_(poll),
      owner_(std::move(owner)),
      memory_(poll_memory(source.memory)) {
  session_.source = source.id;
  session_.source_url = source.definition.url;
  session_.rate_limit = source.definition.rate_limit;
  session_.known = memory_.validators;
}

Task<PollPage> CatalogPollRun::fetch(PollRequest request) {
  try {
    co_return co_await parts_.fetcher.fetch(session_, std::move(request));
  } catch (const Failure& failure) {
    is_unasked_ = failure.kind() == FailureKind::rate_limited;
    throw;
  }
}

Task<PollAdded> CatalogPollRun::add(std::vector<ImageRecord> records) {
  const auto added_before = tally_.added;
  auto images = usable_images(records);
  records.clear();
  for (std::size_t begin = 0; begin < images.size(); begin += kImagesAtOnce) {
    const auto end = std::min(begin + kImagesAtOnce, images.size());
    std::vector<FoundImage> part(std::make_move_iterator(images.begin() + static_cast<std::ptrdiff_t>(begin)),
                                 std::make_move_iterator(images.begin() + static_cast<std::ptrdiff_t>(end)));
    const auto added = tally_.added;
    const auto sightings = co_await see(std::move(part));
    count(sightings);
    if (tally_.added > added) parts_.listener.on_images_added(tally_.added - added);
  }
  co_return PollAdded{.new_images = tally_.added - added_before, .known_in_a_row = tally_.known_in_a_row};
}

std::vector<FoundImage> CatalogPollRun::usable_images(const std::vector<ImageRecord>& records) {
  std::vector<FoundImage> images;
  images.reserve(records.size());
  for (const auto& record : records) {
    try {
      images.push_back(found_image(record, source_name_));
    } catch (const Failure& failure) {
      note_unusable(1, fmt::format("an image is left out: {}", failure.what()));
    }
  }
  return images;
}

void CatalogPollRun::note_unusable(std::uint64_t count, std::string reason) {
  tally_.unusable += count;
  if (++unusable_told_ <= kUnusableShown) parts_.log->warn("source '{}': {}", source_name_, reason);
}

/// Adds images, however long the catalog is away. What was added before a connection broke is found to be known then.
Task<std::vector<Sighting>> CatalogPollRun::see(std::vector<FoundImage> images) {
  for (int attempt = 1;; ++attempt) {
    std::string why;
    const auto now = parts_.clock.now();
    try {
      co_return co_await parts_.catalog.write([&](Repositories& to) {
        if (!is_still_polled_by(owner_, to.sources.find(source_))) {
          throw PollLost(FailureKind::cancelled, "the source is not this program's to poll any more");
        }
        return to.images.see(source_, poll_, kBackendQueue, images, RetryFailed{}, now);
      });
    } catch (const CatalogUnavailable& away) {
      why = away.what();
    }
    if (attempt == 1) parts_.log->warn("source '{}': what was found waits for the catalog: {}", source_name_, why);
    co_await wait_for(parts_.catalog_backoff.wait(attempt, parts_.random));
  }
}

void CatalogPollRun::count(const std::vector<Sighting>& sightings) {
  for (const auto& sighting : sightings) {
    if (sighting.what == Sighting::What::repeated) continue;
    ++tally_.found;
    if (sighting.is_new) {
      ++tally_.added;
      tally_.known_in_a_row = 0;
    } else {
      ++tally_.known_in_a_row;
    }
  }
}

void CatalogPollRun::wait_at_least(std::chrono::seconds wait) {
  source_wait_ = std::max(source_wait_.value_or(wait), wait);
}

std::optional<std::chrono::seconds> CatalogPollRun::asked_wait() const {
  if (!source_wait_) return session_.hints.asked_wait;
  return std::max(*source_wait_, session_.hints.asked_wait.value_or(*source_wait_));
}

std::string CatalogPollRun::new_memory() const {
  return to_text({.validators = session_.seen, .kind = memory_.kind});
}

PreviewPollRun::PreviewPollRun(PollFetcher& fetcher, const Clock& clock, Log log, const SourceDefinition& source,
                               std::size_t max_records)
    : fetcher_(fetcher), clock_(clock), log_(std::move(log)), source_name_(source.name), max_records_(max_records) {
  session_.source_url = source.url;
  session_.rate_limit = source.rate_limit;
}

Task<PollPage> PreviewPollRun::fetch(PollRequest request) {
  request.is_conditional = false;
  co_return co_await fetcher_.fetch(session_, std::move(request));
}

Task<PollAdded> PreviewPollRun::add(std::vector<ImageRecord> records) {
  std::size_t added = 0;
  for (auto& record : records) {
    if (!is_wanted(record)) continue;
    if (preview_.records.size() == max_records_) {
      preview_.has_more = true;
      throw Full{};
    }
    preview_.records.push_back(std::move(record));
    ++added;
  }
  co_return PollAdded{.new_images = added, .known_in_a_row = 0};
}

/// False for what a poll would leave out or has found already.
bool PreviewPollRun::is_wanted(const ImageRecord& record) {
  try {
    return ids_.insert(found_image(record, source_name_).image_id).second;
  } catch (const Failure& failure) {
    note_unusable(1, failure.what());
    return false;
  }
}

void PreviewPollRun::note_unusable(std::uint64_t count, std::string reason) {
  if (preview_.unusable == 0) preview_.unusable_reason = std::move(reason);
  preview_.unusable += count;
}

void PreviewPollRun::note_shape(std::string sample) {
  if (preview_.shape.empty()) preview_.shape = utf8_prefix(sample, kMaxShapeBytes);
}

SourcePreview PreviewPollRun::take_preview() {
  return std::exchange(preview_, {});
}

}  // namespace creel

#include "catalog/image_intake.h"

#include <soci/soci.h>

#include "catalog/persisted_time.h"
#include "catalog/statements.h"

namespace creel {
namespace {

constexpr const char* kAddImage =
    "insert into images (source_id, image_id, last_poll_id, host_id, state, image_url, folder_name, "
    "file_name,"
    " fetch_headers, meta, found_at, updated_at)"
    " values (:source, :image_id, :poll, :host, 0, :url, :folder, :file, :headers, :meta, :now, :now)"
    " on conflict (source_id, image_id) do nothing";

constexpr const char* kKnownImage =
    "select id, last_poll_id, state, attempts, coalesce(failure_kind, 0), coalesce(failure_message, ''),"
    " coalesce(key, ''), coalesce(final_url, ''), coalesce(etag, ''), coalesce(content_type, ''),"
    " coalesce(sha256, ''), coalesce(size_bytes, 0), width, height"
    " from images where source_id = :source and image_id = :image_id";

constexpr const char* kSeeAgain = "update images set last_poll_id = :poll where id = :id";

constexpr const char* kQueueAgain =
    "update images set last_poll_id = :poll, host_id = :host, state = 0, attempts = 0, next_attempt_at = 0,"
    " image_url = :url, folder_name = :folder, file_name = :file, fetch_headers = :headers, meta = :meta,"
    " updated_at = :now where id = :id";

constexpr const char* kCountFound =
    "update polls set found_images = found_images + :found, new_images = new_images + :new where id = :poll";

/// What the statements take in.
struct Parameters {
  long long source = 0;
  long long poll = 0;
  long long now = 0;
  long long host = 0;
  long long id = 0;
  long long found_images = 0;
  long long new_images = 0;
  FoundImage image;
};

/// What is known of an image.
struct Known {
  long long poll = 0;
  int state = 0;
  int attempts = 0;
  int failure_kind = 0;
  std::string failure_message;
  StoredFacts facts;
  long long size_bytes = 0;
  long long width = 0;
  long long height = 0;
  soci::indicator width_set = soci::i_null;
  soci::indicator height_set = soci::i_null;
};

std::optional<std::uint32_t> optional_size(long long value, soci::indicator set) {
  if (set != soci::i_ok) return std::nullopt;
  return static_cast<std::uint32_t>(value);
}

StoredFacts stored_facts(const Known& known) {
  StoredFacts facts = known.facts;
  facts.size_bytes = static_cast<std::uint64_t>(known.size_bytes);
  facts.width = optional_size(known.width, known.width_set);
  facts.height = optional_size(known.height, known.height_set);
  return facts;
}

FailureFacts failure_facts(const Known& known) {
  return {failure_kind(known.failure_kind).value_or(FailureKind::internal), known.failure_message};
}

bool gets_another_chance(FailureKind kind, const RetryFailed& retry) {
  return retry.all || retry.kind == kind || is_retryable(kind);
}

}  // namespace

struct ImageIntake::Statements {
  explicit Statements(soci::session& session)
      : add((session.prepare << kAddImage, soci::use(in.source, "source"), soci::use(in.image.image_id, "image_id"),
             soci::use(in.poll, "poll"), soci::use(in.host, "host"), soci::use(in.image.url, "url"),
             soci::use(in.image.folder, "folder"), soci::use(in.image.file_name, "file"),
             soci::use(in.image.fetch_headers, "headers"), soci::use(in.image.meta, "meta"), soci::use(in.now, "now"))),
        known_image((session.prepare << kKnownImage, soci::into(in.id), soci::into(known.poll), soci::into(known.state),
                     soci::into(known.attempts), soci::into(known.failure_kind), soci::into(known.failure_message),
                     soci::into(known.facts.key), soci::into(known.facts.final_url), soci::into(known.facts.etag),
                     soci::into(known.facts.content_type), soci::into(known.facts.sha256), soci::into(known.size_bytes),
                     soci::into(known.width, known.width_set), soci::into(known.height, known.height_set),
                     soci::use(in.source, "source"), soci::use(in.image.image_id, "image_id"))),
        see_again((session.prepare << kSeeAgain, soci::use(in.poll, "poll"), soci::use(in.id, "id"))),
        queue_again((session.prepare << kQueueAgain, soci::use(in.poll, "poll"), soci::use(in.host, "host"),
                     soci::use(in.image.url, "url"), soci::use(in.image.folder, "folder"),
                     soci::use(in.image.file_name, "file"), soci::use(in.image.fetch_headers, "headers"),
                     soci::use(in.image.meta, "meta"), soci::use(in.now, "now"), soci::use(in.id, "id"))),
        count_found((session.prepare << kCountFound, soci::use(in.found_images, "found"),
                     soci::use(in.new_images, "new"), soci::use(in.poll, "poll"))) {}

  Parameters in;
  Known known;
  soci::statement add;
  soci::statement known_image;
  soci::statement see_again;
  soci::statement queue_again;
  soci::statement count_found;
};

ImageIntake::ImageIntake(soci::session& session, HostTable& hosts)
    : hosts_(hosts), statements_(std::make_unique<Statements>(session)) {}
ImageIntake::~ImageIntake() = default;

std::vector<Sighting> ImageIntake::see(SourceId source, PollId poll, std::span<const FoundImage> images,
                                       RetryFailed retry, SystemTime now) {
  auto& in = statements_->in;
  in.source = static_cast<long long>(source);
  in.poll = static_cast<long long>(poll);
  in.now = persisted(now);
  in.found_images = 0;
  in.new_images = 0;
  std::vector<Sighting> sightings;
  sightings.reserve(images.size());
  for (const auto& image : images) {
    if (add(image)) {
      ++in.new_images;
      sightings.emplace_back();
    } else {
      sightings.push_back(see_known(retry));
    }
    if (sightings.back().what != Sighting::What::repeated) ++in.found_images;
  }
  change_rows(statements_->count_found);
  return sightings;
}

/// Most images of a first poll are new, so adding is tried before looking.
bool ImageIntake::add(const FoundImage& image) {
  auto& in = statements_->in;
  in.host = static_cast<long long>(hosts_.id(image.host));
  in.image = image;
  return change_rows(statements_->add) == 1;
}

/// Sees the image again that `add` has left in the statements' parameters.
Sighting ImageIntake::see_known(const RetryFailed& retry) {
  query_row(statements_->known_image);
  const auto& known = statements_->known;
  if (known.poll == statements_->in.poll) return {.what = Sighting::What::repeated};

  Sighting sighting{.attempts = known.attempts};
  switch (static_cast<ImageState>(known.state)) {
    case ImageState::pending: change_rows(statements_->queue_again); return {};
    case ImageState::storing: break;
    case ImageState::stored:
      sighting.what = Sighting::What::stored;
      sighting.stored = stored_facts(known);
      break;
    case ImageState::failed: {
      auto failure = failure_facts(known);
      if (gets_another_chance(failure.kind, retry)) {
        change_rows(statements_->queue_again);
        return {};
      }
      sighting.what = Sighting::What::failed;
      sighting.failure = std::move(failure);
      break;
    }
    case ImageState::deleted: sighting.what = Sighting::What::deleted; break;
  }
  change_rows(statements_->see_again);
  return sighting;
}

}  // namespace creel

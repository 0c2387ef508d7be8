#include "catalog/single_intake.h"

#include <fmt/format.h>
#include <soci/soci.h>

#include "catalog/found_columns.h"
#include "catalog/known_columns.h"
#include "catalog/persisted_time.h"
#include "catalog/statements.h"

namespace creel {
namespace {

constexpr const char* kSeeAgain = "update images set last_poll_id = :poll where id = :id";

constexpr const char* kCountFound =
    "update polls set found_images = found_images + :found, new_images = new_images + :new where id = :poll";

std::string add_image() {
  return fmt::format(
      "insert into images (source_id, image_id, last_poll_id, queue_id, host_id, state, found_at, updated_at, {})"
      " values (:source, :image_id, :poll, :queue, :host, 0, :now, :now, {})"
      " on conflict (source_id, image_id) do nothing returning id",
      FoundColumns::kNames, FoundColumns::kParameters);
}

std::string known_image() {
  return fmt::format("select {} from images where source_id = :source and image_id = :image_id", KnownColumns::kNames);
}

std::string queue_image_again() {
  return fmt::format(
      "update images set last_poll_id = :poll, queue_id = :queue, host_id = :host, state = 0, attempts = 0,"
      // One that was deleted waits until nobody removes its objects any more.
      " next_attempt_at = case when state = 4 and interrupted = 1 then coalesce(lease_until, 0) else 0 end, deleted_at "
      "= null, updated_at = :now, {} where id = :id and state in (0, 3, 4)",
      FoundColumns::kAssignments);
}

/// What the statements take in.
struct Parameters {
  void put(const Intake& intake) {
    source = static_cast<long long>(intake.source);
    poll = static_cast<long long>(intake.poll);
    queue = static_cast<long long>(intake.queue);
    now = persisted(intake.now);
  }

  long long source = 0;
  long long poll = 0;
  long long queue = 0;
  long long now = 0;
  long long host = 0;
  long long id = 0;
  long long found = 0;
  long long added = 0;
  std::string image_id;
  FoundColumns image;
};

}  // namespace

struct SingleIntake::Statements {
  explicit Statements(soci::session& session)
      : add(prepare_add(session)),
        known(prepare_known(session)),
        see_again((session.prepare << kSeeAgain, soci::use(in.poll, "poll"), soci::use(in.id, "id"))),
        queue_again(prepare_queue_again(session)),
        count_found((session.prepare << kCountFound, soci::use(in.found, "found"), soci::use(in.added, "new"),
                     soci::use(in.poll, "poll"))) {}

  soci::statement prepare_add(soci::session& session) {
    auto prepared = session.prepare << add_image();
    prepared, soci::into(in.id), soci::use(in.source, "source"), soci::use(in.image_id, "image_id"),
        soci::use(in.poll, "poll"), soci::use(in.queue, "queue"), soci::use(in.host, "host"), soci::use(in.now, "now");
    return in.image.use_in(prepared);
  }

  soci::statement prepare_known(soci::session& session) {
    auto prepared = session.prepare << known_image();
    prepared, soci::use(in.source, "source"), soci::use(in.image_id, "image_id");
    return columns.into_from(prepared);
  }

  soci::statement prepare_queue_again(soci::session& session) {
    auto prepared = session.prepare << queue_image_again();
    prepared, soci::use(in.poll, "poll"), soci::use(in.queue, "queue"), soci::use(in.host, "host"),
        soci::use(in.now, "now"), soci::use(in.id, "id");
    return in.image.use_in(prepared);
  }

  Parameters in;
  KnownColumns columns;
  soci::statement add;
  soci::statement known;
  soci::statement see_again;
  soci::statement queue_again;
  soci::statement count_found;
};

SingleIntake::SingleIntake(soci::session& session, HostTable& hosts)
    : hosts_(hosts), statements_(std::make_unique<Statements>(session)) {}
SingleIntake::~SingleIntake() = default;

void SingleIntake::begin(const Intake&, std::span<const FoundImage>) {}

std::vector<std::optional<ImageRow>> SingleIntake::add(const Intake& intake, FoundImages images) {
  auto& in = statements_->in;
  in.put(intake);
  std::vector<std::optional<ImageRow>> rows;
  rows.reserve(images.size());
  for (const auto* image : images) {
    in.host = static_cast<long long>(hosts_.id(image->host));
    in.image_id = image->image_id;
    in.image.put(*image);
    rows.push_back(query_row(statements_->add) ? std::optional(ImageRow{in.id}) : std::nullopt);
  }
  return rows;
}

std::vector<KnownImage> SingleIntake::known(const Intake& intake, FoundImages images) {
  statements_->in.put(intake);
  std::vector<KnownImage> all;
  all.reserve(images.size());
  for (const auto* image : images) {
    statements_->in.image_id = image->image_id;
    query_row(statements_->known);
    all.push_back(statements_->columns.get());
  }
  return all;
}

void SingleIntake::see_again(const Intake& intake, ImageRow row) {
  statements_->in.put(intake);
  statements_->in.id = static_cast<long long>(row);
  change_rows(statements_->see_again);
}

void SingleIntake::queue_again(const Intake& intake, ImageRow row, const FoundImage& image) {
  auto& in = statements_->in;
  in.put(intake);
  in.id = static_cast<long long>(row);
  in.host = static_cast<long long>(hosts_.id(image.host));
  in.image.put(image);
  change_rows(statements_->queue_again);
}

void SingleIntake::count_found(PollId poll, std::size_t found, std::size_t added) {
  auto& in = statements_->in;
  in.poll = static_cast<long long>(poll);
  in.found = static_cast<long long>(found);
  in.added = static_cast<long long>(added);
  change_rows(statements_->count_found);
}

}  // namespace creel

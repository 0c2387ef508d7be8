#include "catalog/lease_recorder.h"

#include <soci/soci.h>

#include "catalog/clean_text.h"
#include "catalog/persisted_time.h"
#include "catalog/statements.h"

namespace creel {
namespace {

// Only a lease can end: each statement passes over an image that is in another state or another's, which
// makes it repeatable.

constexpr const char* kStored =
    "update images set state = 2, attempts = :attempts, lease_until = null, lease_owner = '', interrupted = 0, "
    "failure_kind = "
    "null,"
    " failure_message = null, key = :key, final_url = :final_url, etag = :etag, content_type = :content_type,"
    " sha256 = :sha256, size_bytes = :size_bytes, width = :width, height = :height, stored_at = :now,"
    " store_url = :store_url, origin_etag = :origin_etag, origin_last_modified = :origin_last_modified,"
    " updated_at = :now where id = :id and state = 1 and lease_owner = :owner";

constexpr const char* kFailed =
    "update images set state = 3, attempts = :attempts, lease_until = null, lease_owner = '', interrupted = 0, "
    "failure_kind = "
    ":kind,"
    " failure_message = :message, updated_at = :now where id = :id and state = 1 and lease_owner = :owner";

constexpr const char* kAgain =
    "update images set state = 0, attempts = :attempts, next_attempt_at = :not_before, lease_until = null, lease_owner "
    "= '',"
    " failure_kind = :kind, failure_message = :message, updated_at = :now where id = :id and state = 1 and lease_owner "
    "= :owner";

constexpr const char* kReleased =
    "update images set state = 0, lease_until = null, lease_owner = '', updated_at = :now where id = :id and state = 1 "
    "and lease_owner = :owner";

constexpr const char* kInterrupted =
    "update images set state = 0, lease_until = null, lease_owner = '', interrupted = 1, updated_at = :now"
    " where id = :id and state = 1 and lease_owner = :owner";

constexpr const char* kStateOf = "select state from images where id = :id";

struct Parameters {
  long long id = 0;
  std::string owner;
  long long now = 0;
  int attempts = 0;
  StoredFacts facts;
  long long size_bytes = 0;
  long long width = 0;
  long long height = 0;
  soci::indicator width_set = soci::i_null;
  soci::indicator height_set = soci::i_null;
  int failure_kind = 0;
  std::string failure_message;
  long long not_before = 0;

  void set(const StoredFacts& stored) {
    facts = stored;
    for (auto* text : {&facts.key, &facts.final_url, &facts.etag, &facts.content_type, &facts.sha256, &facts.store_url,
                       &facts.origin_etag, &facts.origin_last_modified}) {
      clean(*text);
    }
    size_bytes = static_cast<long long>(stored.size_bytes);
    width = stored.width.value_or(0);
    height = stored.height.value_or(0);
    width_set = stored.width ? soci::i_ok : soci::i_null;
    height_set = stored.height ? soci::i_ok : soci::i_null;
  }

  void set(const FailureFacts& failure) {
    failure_kind = static_cast<int>(failure.kind);
    failure_message = failure.message;
    clean(failure_message);
  }
};

}  // namespace

struct LeaseRecorder::Statements {
  explicit Statements(soci::session& session)
      : stored((session.prepare << kStored, soci::use(in.attempts, "attempts"), soci::use(in.facts.key, "key"),
                soci::use(in.facts.final_url, "final_url"), soci::use(in.facts.etag, "etag"),
                soci::use(in.facts.content_type, "content_type"), soci::use(in.facts.sha256, "sha256"),
                soci::use(in.size_bytes, "size_bytes"), soci::use(in.width, in.width_set, "width"),
                soci::use(in.height, in.height_set, "height"), soci::use(in.facts.store_url, "store_url"),
                soci::use(in.facts.origin_etag, "origin_etag"),
                soci::use(in.facts.origin_last_modified, "origin_last_modified"), soci::use(in.now, "now"),
                soci::use(in.id, "id"), soci::use(in.owner, "owner"))),
        failed((session.prepare << kFailed, soci::use(in.attempts, "attempts"), soci::use(in.failure_kind, "kind"),
                soci::use(in.failure_message, "message"), soci::use(in.now, "now"), soci::use(in.id, "id"),
                soci::use(in.owner, "owner"))),
        again((session.prepare << kAgain, soci::use(in.attempts, "attempts"), soci::use(in.not_before, "not_before"),
               soci::use(in.failure_kind, "kind"), soci::use(in.failure_message, "message"), soci::use(in.now, "now"),
               soci::use(in.id, "id"), soci::use(in.owner, "owner"))),
        released((session.prepare << kReleased, soci::use(in.now, "now"), soci::use(in.id, "id"),
                  soci::use(in.owner, "owner"))),
        interrupted((session.prepare << kInterrupted, soci::use(in.now, "now"), soci::use(in.id, "id"),
                     soci::use(in.owner, "owner"))),
        state_of((session.prepare << kStateOf, soci::into(state), soci::use(in.id, "id"))) {}

  void write(const StoredFacts& facts) {
    in.set(facts);
    if (change_rows(stored) > 0 || !query_row(state_of)) return;
    if (static_cast<ImageState>(state) == ImageState::deleted) deleted.push_back(ImageRow{in.id});
  }

  void write(const FailureFacts& failure) {
    in.set(failure);
    change_rows(failed);
  }

  void write(const LeaseOutcome::Again& outcome) {
    in.set(outcome.failure);
    in.not_before = persisted_not_before(outcome.not_before);
    change_rows(again);
  }

  void write(LeaseOutcome::Released how) {
    change_rows(how == LeaseOutcome::Released::untouched ? released : interrupted);
  }

  Parameters in;
  int state = 0;
  std::vector<ImageRow> deleted;
  soci::statement stored;
  soci::statement failed;
  soci::statement again;
  soci::statement released;
  soci::statement interrupted;
  soci::statement state_of;
};

LeaseRecorder::LeaseRecorder(soci::session& session) : statements_(std::make_unique<Statements>(session)) {}
LeaseRecorder::~LeaseRecorder() = default;

Recorded LeaseRecorder::record(std::span<const LeaseOutcome> outcomes, const std::string& owner, SystemTime now) {
  auto& in = statements_->in;
  statements_->deleted.clear();
  in.now = persisted(now);
  in.owner = owner;
  for (const auto& outcome : outcomes) {
    in.id = static_cast<long long>(outcome.row);
    in.attempts = outcome.attempts;
    std::visit([this](const auto& result) { statements_->write(result); }, outcome.result);
  }
  return {.deleted = std::move(statements_->deleted), .deleted_in_use = {}, .queued_again = {}};
}

}  // namespace creel

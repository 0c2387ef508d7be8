#include "catalog/lease_table.h"

#include <soci/soci.h>

#include "catalog/persisted_time.h"
#include "catalog/statements.h"

namespace creel {
namespace {

constexpr const char* kRenew = "update images set lease_until = :until where state = 1 and lease_owner = :owner";

constexpr const char* kTakeBack =
    "update images set state = 0, interrupted = 1, lease_until = null, lease_owner = '', updated_at = :now"
    " where state = 1 and lease_until < :now";

constexpr const char* kTakeBackQueue =
    "update images set state = 0, interrupted = 1, lease_until = null, lease_owner = '', updated_at = :now"
    " where state = 1 and queue_id = :queue";

constexpr const char* kTakeBackAll =
    "update images set state = 0, interrupted = 1, lease_until = null, lease_owner = '', updated_at = :now"
    " where state = 1";

constexpr const char* kGiveBack =
    "update images set state = 0, lease_until = null, lease_owner = ''"
    " where id = :id and state = 1 and lease_owner = :owner";

// With every lease that is taken back, nobody is storing what was deleted.
constexpr const char* kEndDeletions =
    "update images set lease_until = null where state = 4 and interrupted = 1 and lease_until is not null";

std::uint64_t changed(soci::statement statement) {
  return static_cast<std::uint64_t>(change_rows(statement));
}

}  // namespace

std::uint64_t LeaseTable::renew(const std::string& owner, SystemTime until) {
  const long long lease_until = persisted(until);
  return changed((session_.prepare << kRenew, soci::use(lease_until, "until"), soci::use(owner, "owner")));
}

std::uint64_t LeaseTable::take_back(SystemTime now) {
  const long long time = persisted(now);
  return changed((session_.prepare << kTakeBack, soci::use(time, "now")));
}

std::uint64_t LeaseTable::take_back_all(std::optional<QueueId> queue, SystemTime now) {
  const long long time = persisted(now);
  session_ << kEndDeletions;
  if (!queue) return changed((session_.prepare << kTakeBackAll, soci::use(time, "now")));
  const auto id = static_cast<long long>(*queue);
  return changed((session_.prepare << kTakeBackQueue, soci::use(time, "now"), soci::use(id, "queue")));
}

void LeaseTable::give_back(std::span<const ImageRow> rows, const std::string& owner) {
  if (rows.empty()) return;
  long long id = 0;
  soci::statement statement = (session_.prepare << kGiveBack, soci::use(id, "id"), soci::use(owner, "owner"));
  for (const auto row : rows) {
    id = static_cast<long long>(row);
    change_rows(statement);
  }
}

}  // namespace creel

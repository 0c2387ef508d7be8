#include "catalog/deletion_table.h"

#include <algorithm>
#include <utility>

#include <soci/soci.h>

#include "catalog/persisted_time.h"
#include "catalog/statements.h"

namespace creel {
namespace {

// Each names the condition of the index that it is answered from.

constexpr const char* kAll =
    "select id, image_url, folder_name, file_name from images where state = 4 and interrupted = 1";

constexpr const char* kDue =
    "select id, image_url, folder_name, file_name from images where state = 4 and interrupted = 1"
    " and coalesce(lease_until, 0) < :now order by coalesce(lease_until, 0), id limit :max";

constexpr const char* kUnderWay = "select id, image_url, folder_name, file_name from images where state = 1";

constexpr const char* kOne = "select id from images where id = :id and state = 4 and interrupted = 1";

constexpr const char* kStored = "select id from images where key = :key and state = 2 limit 1";

constexpr const char* kPostpone =
    "update images set lease_until = :until where id = :id and state = 4 and interrupted = 1";

constexpr const char* kForget = "update images set interrupted = 0 where id = :id and state = 4";

// Whoever leases shares the lock; whoever takes on removals has it alone. It is gone with the transaction.
constexpr const char* kLockShared = "select count(pg_advisory_xact_lock_shared(7305421690))";
constexpr const char* kLockAlone = "select count(pg_advisory_xact_lock(7305421690))";

void add_all(std::set<std::string>& to, std::vector<std::string> keys) {
  for (auto& key : keys) to.insert(std::move(key));
}

}  // namespace

struct DeletionTable::Statements {
  explicit Statements(soci::session& session_in)
      : session(session_in),
        all(prepare(kAll)),
        due((prepare(kDue), soci::use(now, "now"), soci::use(max, "max"))),
        under_way(prepare(kUnderWay)),
        one((session.prepare << kOne, soci::use(id, "id"), soci::into(found))),
        stored((session.prepare << kStored, soci::use(key, "key"), soci::into(found))),
        postpone((session.prepare << kPostpone, soci::use(until, "until"), soci::use(id, "id"))),
        forget((session.prepare << kForget, soci::use(id, "id"))) {}

  soci::details::prepare_temp_type prepare(const char* query) {
    return (session.prepare << query, soci::into(found), soci::into(image.url), soci::into(image.folder),
            soci::into(image.file_name));
  }

  soci::session& session;
  long long id = 0;
  long long now = 0;
  long long max = 0;
  long long until = 0;
  std::string key;
  long long found = 0;
  /// URL, folder and file name.
  FoundImage image;
  soci::statement all;
  soci::statement due;
  soci::statement under_way;
  soci::statement one;
  soci::statement stored;
  soci::statement postpone;
  soci::statement forget;
};

DeletionTable::DeletionTable(soci::session& session, Dialect dialect)
    : dialect_(dialect), statements_(std::make_unique<Statements>(session)) {}
DeletionTable::~DeletionTable() = default;

/// SQLite has one writer at a time anyway.
void DeletionTable::lock(const char* statement) {
  if (dialect_ == Dialect::sqlite) return;
  long long locks = 0;
  statements_->session << statement, soci::into(locks);
}

std::set<std::string> DeletionTable::keys(const PossibleKeys& possible_keys) {
  lock(kLockShared);
  std::set<std::string> keys;
  auto& sql = *statements_;
  for (bool row = sql.all.execute(true); row; row = sql.all.fetch()) add_all(keys, possible_keys(sql.image));
  return keys;
}

std::set<std::string> DeletionTable::keys_under_way(const PossibleKeys& possible_keys) {
  std::set<std::string> keys;
  auto& sql = *statements_;
  for (bool row = sql.under_way.execute(true); row; row = sql.under_way.fetch()) {
    add_all(keys, possible_keys(sql.image));
  }
  return keys;
}

bool DeletionTable::is_stored(const std::string& key) {
  statements_->key = key;
  return query_row(statements_->stored);
}

void DeletionTable::postpone(long long id, SystemTime until) {
  statements_->id = id;
  statements_->until = persisted(until);
  change_rows(statements_->postpone);
}

std::vector<ObjectRemoval> DeletionTable::take(const RemovalQuery& query) {
  lock(kLockAlone);
  auto& sql = *statements_;
  sql.now = persisted(query.now);
  sql.max = static_cast<long long>(query.max_images);
  std::vector<ObjectRemoval> removals;
  for (bool row = sql.due.execute(true); row; row = sql.due.fetch()) {
    removals.push_back({.row = ImageRow{sql.found}, .keys = query.possible_keys(sql.image), .shared_keys = {}});
  }
  if (removals.empty()) return removals;
  const auto under_way = keys_under_way(query.possible_keys);
  for (auto& removal : removals) {
    // One that cannot be seen to now stands behind the others.
    postpone(static_cast<long long>(removal.row), query.until);
    removal.is_held_up = std::ranges::any_of(removal.keys, [&](const auto& key) { return under_way.contains(key); });
    if (removal.is_held_up) continue;
    for (auto& key : std::exchange(removal.keys, {})) {
      (is_stored(key) ? removal.shared_keys : removal.keys).push_back(std::move(key));
    }
  }
  return removals;
}

bool DeletionTable::take(ImageRow row, const std::string& key, const RemovalQuery& query) {
  lock(kLockAlone);
  statements_->id = static_cast<long long>(row);
  if (!query_row(statements_->one) || is_stored(key)) return false;
  if (keys_under_way(query.possible_keys).contains(key)) return false;
  postpone(static_cast<long long>(row), query.until);
  return true;
}

void DeletionTable::forget(std::span<const ImageRow> rows) {
  for (const auto row : rows) {
    statements_->id = static_cast<long long>(row);
    change_rows(statements_->forget);
  }
}

}  // namespace creel

#include "catalog/source_rows.h"

#include <soci/soci.h>

#include "catalog/persisted_time.h"

namespace creel {
namespace {

constexpr const char* kColumns =
    "select id, name, type, url, interval_seconds, rate_limit, state, stop_after_poll, blocked_until, reason,"
    " last_poll_at, next_poll_at, failed_polls, memory, lease_owner, lease_until, created_at, updated_at"
    " from sources where deleted_at is null and ";

constexpr const char* kInsert =
    "insert into sources (name, type, url, interval_seconds, rate_limit, state, stop_after_poll, blocked_until, reason,"
    " last_poll_at, next_poll_at, failed_polls, created_at, updated_at)"
    " values (:name, :type, :url, :interval, :rate, :state, :stop_after_poll, :blocked_until, :reason,"
    " :last_poll, :next_poll, :failed_polls, :now, :now) returning id";

constexpr const char* kSaveDefinition =
    "update sources set name = :name, type = :type, url = :url, interval_seconds = :interval, rate_limit = :rate,"
    " memory = :memory, updated_at = :now where id = :id";

constexpr const char* kSaveStatus =
    "update sources set state = :state, stop_after_poll = :stop_after_poll, blocked_until = :blocked_until,"
    " reason = :reason, last_poll_at = :last_poll, next_poll_at = :next_poll, failed_polls = :failed_polls,"
    " lease_owner = :lease_owner, lease_until = :lease_until, updated_at = :now where id = :id";

constexpr const char* kSettings = "select name, value from source_settings where source_id = :id";
constexpr const char* kSecrets = "select name, value from source_secrets where source_id = :id";
constexpr const char* kForgetSettings = "delete from source_settings where source_id = :id";
constexpr const char* kForgetSecrets = "delete from source_secrets where source_id = :id";
constexpr const char* kAddSetting = "insert into source_settings (source_id, name, value) values (:id, :name, :value)";
constexpr const char* kAddSecret = "insert into source_secrets (source_id, name, value) values (:id, :name, :value)";

/// A time that may be absent, as it is bound.
struct TimeColumn {
  explicit TimeColumn(const std::optional<SystemTime>& time)
      : value(time ? persisted_not_before(*time) : 0), set(time ? soci::i_ok : soci::i_null) {}
  TimeColumn() = default;

  std::optional<SystemTime> time() const {
    if (set != soci::i_ok) return std::nullopt;
    return from_persisted(value);
  }

  long long value = 0;
  soci::indicator set = soci::i_null;
};

/// What a row is read into.
struct Row {
  long long id = 0;
  std::string name, type, url;
  long long interval = 0;
  double rate = 0;
  soci::indicator rate_set = soci::i_null;
  int state = 0, stop_after_poll = 0;
  TimeColumn blocked_until;
  std::string reason;
  TimeColumn last_poll, next_poll;
  int failed_polls = 0;
  std::string memory, lease_owner;
  TimeColumn lease_until;
  long long created_at = 0, updated_at = 0;

  SourceRecord record() const {
    SourceRecord record;
    record.id = SourceId{id};
    record.definition.name = name;
    record.definition.type = type;
    record.definition.url = url;
    record.definition.interval = std::chrono::seconds(interval);
    if (rate_set == soci::i_ok) record.definition.rate_limit = rate;
    record.status.state = static_cast<SourceState>(state);
    record.status.stop_after_poll = stop_after_poll != 0;
    record.status.blocked_until = blocked_until.time();
    record.status.reason = reason;
    record.status.last_poll = last_poll.time();
    record.status.next_poll = next_poll.time();
    record.status.failed_polls = failed_polls;
    record.memory = memory;
    record.lease_owner = lease_owner;
    record.lease_until = lease_until.time();
    record.created_at = from_persisted(created_at);
    record.updated_at = from_persisted(updated_at);
    return record;
  }
};

}  // namespace

template <class... Parameters>
std::vector<SourceRecord> SourceRows::read(const std::string& condition, const Parameters&... parameters) {
  Row row;
  soci::statement statement(session_);
  (statement.exchange(soci::use(parameters.second, parameters.first)), ...);
  statement.exchange(soci::into(row.id));
  statement.exchange(soci::into(row.name));
  statement.exchange(soci::into(row.type));
  statement.exchange(soci::into(row.url));
  statement.exchange(soci::into(row.interval));
  statement.exchange(soci::into(row.rate, row.rate_set));
  statement.exchange(soci::into(row.state));
  statement.exchange(soci::into(row.stop_after_poll));
  statement.exchange(soci::into(row.blocked_until.value, row.blocked_until.set));
  statement.exchange(soci::into(row.reason));
  statement.exchange(soci::into(row.last_poll.value, row.last_poll.set));
  statement.exchange(soci::into(row.next_poll.value, row.next_poll.set));
  statement.exchange(soci::into(row.failed_polls));
  statement.exchange(soci::into(row.memory));
  statement.exchange(soci::into(row.lease_owner));
  statement.exchange(soci::into(row.lease_until.value, row.lease_until.set));
  statement.exchange(soci::into(row.created_at));
  statement.exchange(soci::into(row.updated_at));
  statement.alloc();
  statement.prepare(kColumns + condition);
  statement.define_and_bind();
  std::vector<SourceRecord> records;
  for (bool more = statement.execute(true); more; more = statement.fetch()) records.push_back(row.record());
  for (auto& record : records) add_settings(record);
  return records;
}

std::optional<SourceRecord> SourceRows::find(long long id, Lock lock) {
  // SQLite has one writer at a time, and knows no locks of rows.
  const bool locks_rows = lock == Lock::for_update && dialect_ == Dialect::postgresql;
  auto records = read(locks_rows ? "id = :id for update" : "id = :id", std::pair("id", id));
  if (records.empty()) return std::nullopt;
  return std::move(records.front());
}

std::vector<SourceRecord> SourceRows::list(long long after, std::size_t max) {
  const auto limit = static_cast<long long>(max);
  return read("id > :after order by id limit :max", std::pair("after", after), std::pair("max", limit));
}

std::vector<SourceRecord> SourceRows::leased_by(const std::string& owner) {
  return read("lease_until is not null and lease_owner = :owner order by id", std::pair("owner", owner));
}

void SourceRows::add_settings(SourceRecord& record) {
  const auto id = static_cast<long long>(record.id);
  std::string name;
  std::string value;
  soci::statement settings = (session_.prepare << kSettings, soci::use(id, "id"), soci::into(name), soci::into(value));
  for (bool more = settings.execute(true); more; more = settings.fetch()) record.definition.settings[name] = value;
  soci::statement secrets = (session_.prepare << kSecrets, soci::use(id, "id"), soci::into(name), soci::into(value));
  for (bool more = secrets.execute(true); more; more = secrets.fetch()) {
    record.definition.secrets[name] = Secret(value);
  }
}

void SourceRows::save_settings(long long id, const SourceDefinition& definition) {
  session_ << kForgetSettings, soci::use(id, "id");
  session_ << kForgetSecrets, soci::use(id, "id");
  for (const auto& [name, value] : definition.settings) {
    session_ << kAddSetting, soci::use(id, "id"), soci::use(name, "name"), soci::use(value, "value");
  }
  for (const auto& [name, value] : definition.secrets) {
    session_ << kAddSecret, soci::use(id, "id"), soci::use(name, "name"), soci::use(value.reveal(), "value");
  }
}

long long SourceRows::insert(const SourceDefinition& definition, const SourceStatus& status, SystemTime now) {
  const long long interval = definition.interval.count();
  const double rate = definition.rate_limit.value_or(0);
  auto rate_set = definition.rate_limit ? soci::i_ok : soci::i_null;
  const int state = static_cast<int>(status.state);
  const int stop_after_poll = status.stop_after_poll ? 1 : 0;
  TimeColumn blocked_until(status.blocked_until), last_poll(status.last_poll), next_poll(status.next_poll);
  const long long at = persisted(now);
  long long id = 0;
  session_ << kInsert, soci::use(definition.name, "name"), soci::use(definition.type, "type"),
      soci::use(definition.url, "url"), soci::use(interval, "interval"), soci::use(rate, rate_set, "rate"),
      soci::use(state, "state"), soci::use(stop_after_poll, "stop_after_poll"),
      soci::use(blocked_until.value, blocked_until.set, "blocked_until"), soci::use(status.reason, "reason"),
      soci::use(last_poll.value, last_poll.set, "last_poll"), soci::use(next_poll.value, next_poll.set, "next_poll"),
      soci::use(status.failed_polls, "failed_polls"), soci::use(at, "now"), soci::into(id);
  save_settings(id, definition);
  return id;
}

void SourceRows::save_definition(const SourceRecord& record, SystemTime now) {
  const auto& definition = record.definition;
  const auto id = static_cast<long long>(record.id);
  const long long interval = definition.interval.count();
  const double rate = definition.rate_limit.value_or(0);
  auto rate_set = definition.rate_limit ? soci::i_ok : soci::i_null;
  const long long at = persisted(now);
  session_ << kSaveDefinition, soci::use(definition.name, "name"), soci::use(definition.type, "type"),
      soci::use(definition.url, "url"), soci::use(interval, "interval"), soci::use(rate, rate_set, "rate"),
      soci::use(record.memory, "memory"), soci::use(at, "now"), soci::use(id, "id");
  save_settings(id, definition);
}

void SourceRows::save_status(SourceRecord& record, SystemTime now) {
  const auto& status = record.status;
  const auto id = static_cast<long long>(record.id);
  const int state = static_cast<int>(status.state);
  const int stop_after_poll = status.stop_after_poll ? 1 : 0;
  TimeColumn blocked_until(status.blocked_until), last_poll(status.last_poll), next_poll(status.next_poll),
      lease_until(record.lease_until);
  const long long at = persisted(now);
  session_ << kSaveStatus, soci::use(state, "state"), soci::use(stop_after_poll, "stop_after_poll"),
      soci::use(blocked_until.value, blocked_until.set, "blocked_until"), soci::use(status.reason, "reason"),
      soci::use(last_poll.value, last_poll.set, "last_poll"), soci::use(next_poll.value, next_poll.set, "next_poll"),
      soci::use(status.failed_polls, "failed_polls"), soci::use(record.lease_owner, "lease_owner"),
      soci::use(lease_until.value, lease_until.set, "lease_until"), soci::use(at, "now"), soci::use(id, "id");
  record.updated_at = from_persisted(at);
}

}  // namespace creel

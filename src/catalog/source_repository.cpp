#include "catalog/source_repository.h"

#include <algorithm>

#include <fmt/format.h>
#include <soci/soci.h>

#include "catalog/connected.h"
#include "catalog/persisted_time.h"
#include "catalog/source_rows.h"
#include "catalog/sql_failure.h"

namespace creel {
namespace {

constexpr const char* kFindName = "select id from sources where name = :name and deleted_at is null";
constexpr const char* kNameOfAnother = "select id from sources where name = :name and id <> :id";

// A deleted source keeps its row for its images' sake, and gives up its name.
constexpr const char* kRemove =
    "update sources set deleted_at = :now, updated_at = :now, state = 0, stop_after_poll = 0, next_poll_at = null,"
    " blocked_until = null, lease_owner = '', lease_until = null, memory = '', name = :name where id = :id";
constexpr const char* kRemoveSettings = "delete from source_settings where source_id = :id";
constexpr const char* kRemoveSecrets = "delete from source_secrets where source_id = :id";
constexpr const char* kRemoveWaiting =
    "update images set state = 4, deleted_at = :now, updated_at = :now where source_id = :id and state = 0";

constexpr const char* kSaveMemory = "update sources set memory = :memory where id = :id and deleted_at is null";
constexpr const char* kSaveUrl = "update sources set url = :url where id = :id and deleted_at is null";

// One part for each of the partial indexes.
constexpr const char* kDue =
    "select id from"
    " (select * from (select id, next_poll_at as due_at from sources"
    " where deleted_at is null and state in (1, 3) and next_poll_at <= :now"
    " order by next_poll_at limit :max) as waiting"
    " union all select * from (select id, lease_until as due_at from sources"
    " where deleted_at is null and lease_until is not null and lease_until <= :now"
    " order by lease_until limit :max) as lost) as due"
    " order by due_at, id limit :max";
constexpr const char* kNextDue =
    "select min(due_at) from (select min(next_poll_at) as due_at from sources"
    " where deleted_at is null and state in (1, 3)"
    " union all select min(lease_until) as due_at from sources"
    " where deleted_at is null and lease_until is not null) as waiting";

constexpr const char* kRenew =
    "update sources set lease_until = :until where deleted_at is null and lease_until is not null"
    " and lease_owner = :owner";

constexpr const char* kBeginPoll = "insert into polls (source_id, started_at) values (:source, :now) returning id";
constexpr const char* kEndPoll =
    "update polls set ended_at = :now, failure_kind = :kind, failure_message = :message where id = :poll";
constexpr const char* kPolls =
    "select id, started_at, ended_at, found_images, new_images, failure_kind, failure_message from polls"
    " where source_id = :source order by id desc limit :max";
// Not all at once, if there are very many.
constexpr const char* kForgetPolls =
    "delete from polls where id in (select id from polls where source_id = (select source_id from polls where id = "
    ":poll)"
    " order by id desc limit 1000 offset :kept)";
// Behind the last poll that ended well there are only such as did not.
constexpr const char* kBrokenOff =
    "select count(*) from polls where source_id = :source and id < :poll and new_images > 0 and id >"
    " coalesce((select id from polls where source_id = :source and id < :poll"
    " and ended_at is not null and failure_kind is null order by id desc limit 1), 0)";

constexpr const char* kBlockHost =
    "insert into hosts (name, polls_blocked_until, polls_blocked_reason) values (:name, :until, :reason)"
    " on conflict (name) do update set polls_blocked_until = excluded.polls_blocked_until,"
    " polls_blocked_reason = excluded.polls_blocked_reason"
    " where hosts.polls_blocked_until < excluded.polls_blocked_until";
constexpr const char* kBlock =
    "select blocked_until, polls_blocked_until, polls_blocked_reason from hosts where name = :name";
constexpr const char* kBlockedForImages = "it asked those who fetched images from it to wait, or was not there";

SourceNameTaken name_taken(const std::string& name) {
  return {FailureKind::bad_request, fmt::format("there is a source named '{}' already: choose another name", name)};
}

/// Does `work`, which gives a source its name: another program may have taken the name since it was looked for.
void unless_taken(const std::string& name, const std::function<void()>& work) {
  try {
    work();
  } catch (const soci::soci_error& error) {
    if (is_duplicate(error)) throw name_taken(name);
    throw;
  }
}

bool polls_differently(const SourceDefinition& a, const SourceDefinition& b) {
  return a.type != b.type || a.url != b.url || a.settings != b.settings || a.secrets != b.secrets;
}

/// The statements over one connection; to be used within a transaction.
class SourceTables {
 public:
  SourceTables(soci::session& session, Dialect dialect) : rows(session, dialect), session_(session) {}

  SourceRows rows;

  void require_free_name(const std::string& name, long long own_id) {
    long long other = 0;
    session_ << kNameOfAnother, soci::use(name, "name"), soci::use(own_id, "id"), soci::into(other);
    if (session_.got_data()) throw name_taken(name);
  }

  std::optional<long long> find_name(const std::string& name) {
    long long id = 0;
    session_ << kFindName, soci::use(name, "name"), soci::into(id);
    if (!session_.got_data()) return std::nullopt;
    return id;
  }

  void remove(long long id, const std::string& name, SystemTime now) {
    const auto at = persisted(now);
    const auto tombstone = fmt::format("{} (deleted, {})", name, id);
    session_ << kRemove, soci::use(at, "now"), soci::use(tombstone, "name"), soci::use(id, "id");
    session_ << kRemoveSettings, soci::use(id, "id");
    session_ << kRemoveSecrets, soci::use(id, "id");
    session_ << kRemoveWaiting, soci::use(at, "now"), soci::use(id, "id");
  }

  void save_memory(long long id, const std::string& memory, const std::optional<std::string>& new_url) {
    session_ << kSaveMemory, soci::use(memory, "memory"), soci::use(id, "id");
    if (new_url) session_ << kSaveUrl, soci::use(*new_url, "url"), soci::use(id, "id");
  }

  std::vector<SourceId> due(SystemTime now, std::size_t max) {
    const long long at = persisted(now);
    const auto limit = static_cast<long long>(max);
    long long id = 0;
    soci::statement statement =
        (session_.prepare << kDue, soci::use(at, "now"), soci::use(limit, "max"), soci::into(id));
    std::vector<SourceId> ids;
    for (bool row = statement.execute(true); row; row = statement.fetch()) ids.push_back(SourceId{id});
    return ids;
  }

  std::optional<SystemTime> next_due() {
    long long at = 0;
    soci::indicator set = soci::i_null;
    session_ << kNextDue, soci::into(at, set);
    if (set != soci::i_ok) return std::nullopt;
    return from_persisted(at);
  }

  void renew(const std::string& owner, SystemTime until) {
    const auto at = persisted(until);
    session_ << kRenew, soci::use(at, "until"), soci::use(owner, "owner");
  }

  PollId begin_poll(SourceId source, SystemTime now) {
    const auto source_id = static_cast<long long>(source);
    const auto at = persisted(now);
    long long id = 0;
    session_ << kBeginPoll, soci::use(source_id, "source"), soci::use(at, "now"), soci::into(id);
    return PollId{id};
  }

  void end_poll(PollId poll, const PollSummary& summary, SystemTime now) {
    const auto id = static_cast<long long>(poll);
    const auto at = persisted(now);
    auto set = summary.failure ? soci::i_ok : soci::i_null;
    const int kind = summary.failure ? static_cast<int>(summary.failure->kind) : 0;
    const std::string message = summary.failure ? summary.failure->message : "";
    session_ << kEndPoll, soci::use(at, "now"), soci::use(kind, set, "kind"), soci::use(message, set, "message"),
        soci::use(id, "poll");
    const auto kept = static_cast<long long>(SourceRepository::kKeptPolls);
    session_ << kForgetPolls, soci::use(id, "poll"), soci::use(kept, "kept");
  }

  std::vector<PollRecord> polls(SourceId source, std::size_t max);

  bool was_broken_off(SourceId source, PollId poll) {
    const auto source_id = static_cast<long long>(source);
    const auto id = static_cast<long long>(poll);
    long long count = 0;
    session_ << kBrokenOff, soci::use(source_id, "source"), soci::use(id, "poll"), soci::into(count);
    return count > 0;
  }

  void block(const HostBlock& block) {
    const auto until = persisted_not_before(block.until);
    session_ << kBlockHost, soci::use(block.host, "name"), soci::use(until, "until"), soci::use(block.reason, "reason");
  }

  std::optional<HostBlock> block_of(const std::string& host, SystemTime now) {
    long long for_images = 0, for_polls = 0;
    std::string reason;
    session_ << kBlock, soci::use(host, "name"), soci::into(for_images), soci::into(for_polls), soci::into(reason);
    if (!session_.got_data()) return std::nullopt;
    const auto until = from_persisted(std::max(for_images, for_polls));
    if (until <= now) return std::nullopt;
    return HostBlock{.host = host, .until = until, .reason = for_images > for_polls ? kBlockedForImages : reason};
  }

 private:
  soci::session& session_;
};

std::vector<PollRecord> SourceTables::polls(SourceId source, std::size_t max) {
  const auto source_id = static_cast<long long>(source);
  const auto limit = static_cast<long long>(max);
  long long id = 0, started_at = 0, ended_at = 0, found = 0, added = 0;
  int kind = 0;
  std::string message;
  soci::indicator ended = soci::i_null, failed = soci::i_null, has_message = soci::i_null;
  soci::statement statement = (session_.prepare << kPolls, soci::use(source_id, "source"), soci::use(limit, "max"),
                               soci::into(id), soci::into(started_at), soci::into(ended_at, ended), soci::into(found),
                               soci::into(added), soci::into(kind, failed), soci::into(message, has_message));
  std::vector<PollRecord> polls;
  for (bool row = statement.execute(true); row; row = statement.fetch()) {
    PollRecord poll{.id = PollId{id},
                    .started_at = from_persisted(started_at),
                    .ended_at = std::nullopt,
                    .found = static_cast<std::uint64_t>(found),
                    .added = static_cast<std::uint64_t>(added),
                    .failure = std::nullopt};
    if (ended == soci::i_ok) poll.ended_at = from_persisted(ended_at);
    if (failed == soci::i_ok) {
      poll.failure =
          FailureFacts{failure_kind(kind).value_or(FailureKind::internal), has_message == soci::i_ok ? message : ""};
    }
    polls.push_back(std::move(poll));
  }
  return polls;
}

}  // namespace

class SourceRepository::Impl {
 public:
  explicit Impl(Catalog& catalog) : tables(catalog) {}

  Connected<SourceTables> tables;
};

SourceRepository::SourceRepository(Catalog& catalog) : impl_(std::make_unique<Impl>(catalog)) {}
SourceRepository::~SourceRepository() = default;

SourceRecord SourceRepository::add(const SourceDefinition& definition, const SourceStatus& status, SystemTime now) {
  return impl_->tables.write([&](SourceTables& tables) {
    tables.require_free_name(definition.name, 0);
    long long id = 0;
    unless_taken(definition.name, [&] { id = tables.rows.insert(definition, status, now); });
    return tables.rows.find(id, SourceRows::Lock::none).value();
  });
}

std::optional<SourceRecord> SourceRepository::find(SourceId id) {
  return impl_->tables.read(
      [&](SourceTables& tables) { return tables.rows.find(static_cast<long long>(id), SourceRows::Lock::none); });
}

std::optional<SourceRecord> SourceRepository::find(const std::string& name) {
  return impl_->tables.read([&](SourceTables& tables) -> std::optional<SourceRecord> {
    const auto id = tables.find_name(name);
    if (!id) return std::nullopt;
    return tables.rows.find(*id, SourceRows::Lock::none);
  });
}

std::vector<SourceRecord> SourceRepository::list(SourceId after, std::size_t max) {
  return impl_->tables.read([&](SourceTables& tables) { return tables.rows.list(static_cast<long long>(after), max); });
}

std::optional<SourceRecord> SourceRepository::change(SourceId id, const SourceDefinition& definition, SystemTime now) {
  return impl_->tables.write([&](SourceTables& tables) -> std::optional<SourceRecord> {
    const auto number = static_cast<long long>(id);
    auto record = tables.rows.find(number, SourceRows::Lock::for_update);
    if (!record) return std::nullopt;
    tables.require_free_name(definition.name, number);
    if (polls_differently(record->definition, definition)) record->memory.clear();
    record->definition = definition;
    unless_taken(definition.name, [&] { tables.rows.save_definition(*record, now); });
    return tables.rows.find(number, SourceRows::Lock::none);
  });
}

bool SourceRepository::remove(SourceId id, SystemTime now) {
  return impl_->tables.write([&](SourceTables& tables) {
    const auto record = tables.rows.find(static_cast<long long>(id), SourceRows::Lock::for_update);
    if (record) tables.remove(static_cast<long long>(id), record->definition.name, now);
    return record.has_value();
  });
}

std::optional<SourceRecord> SourceRepository::update_status(SourceId id,
                                                            const std::function<void(SourceRecord&)>& decide,
                                                            SystemTime now) {
  return impl_->tables.write([&](SourceTables& tables) {
    auto record = tables.rows.find(static_cast<long long>(id), SourceRows::Lock::for_update);
    if (record) {
      decide(*record);
      tables.rows.save_status(*record, now);
    }
    return record;
  });
}

void SourceRepository::save_memory(SourceId id, const std::string& memory, const std::optional<std::string>& new_url) {
  impl_->tables.write([&](SourceTables& tables) { tables.save_memory(static_cast<long long>(id), memory, new_url); });
}

std::vector<SourceId> SourceRepository::due(SystemTime now, std::size_t max) {
  return impl_->tables.read([&](SourceTables& tables) { return tables.due(now, max); });
}

std::optional<SystemTime> SourceRepository::next_due() {
  return impl_->tables.read([&](SourceTables& tables) { return tables.next_due(); });
}

std::vector<SourceRecord> SourceRepository::renew_leases(const std::string& owner, SystemTime lease_until) {
  return impl_->tables.write([&](SourceTables& tables) {
    tables.renew(owner, lease_until);
    return tables.rows.leased_by(owner);
  });
}

PollId SourceRepository::begin_poll(SourceId source, SystemTime now) {
  return impl_->tables.write([&](SourceTables& tables) { return tables.begin_poll(source, now); });
}

void SourceRepository::end_poll(PollId poll, const PollSummary& summary, SystemTime now) {
  impl_->tables.write([&](SourceTables& tables) { tables.end_poll(poll, summary, now); });
}

std::vector<PollRecord> SourceRepository::polls(SourceId source, std::size_t max) {
  return impl_->tables.read([&](SourceTables& tables) { return tables.polls(source, max); });
}

bool SourceRepository::was_broken_off(SourceId source, PollId poll) {
  return impl_->tables.read([&](SourceTables& tables) { return tables.was_broken_off(source, poll); });
}

void SourceRepository::block_hosts(std::span<const HostBlock> blocks) {
  impl_->tables.write([&](SourceTables& tables) {
    for (const auto& block : blocks) tables.block(block);
  });
}

std::vector<HostBlock> SourceRepository::blocks(std::span<const std::string> hosts, SystemTime now) {
  return impl_->tables.read([&](SourceTables& tables) {
    std::vector<HostBlock> found;
    for (const auto& host : hosts) {
      if (auto block = tables.block_of(host, now)) found.push_back(std::move(*block));
    }
    return found;
  });
}

}  // namespace creel

#include "catalog/image_queue.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_set>

#include <fmt/format.h>
#include <soci/soci.h>

#include "catalog/found_columns.h"
#include "catalog/optional_column.h"
#include "catalog/persisted_time.h"
#include "catalog/statements.h"

namespace creel {
namespace {

constexpr const char* kNextHost =
    "select id, name, blocked_until from hosts where id ="
    " (select host_id from images where state = 0 and queue_id = :queue and host_id > :after"
    " order by host_id limit 1)";

constexpr const char* kHost = "select blocked_until from hosts where id = :id";

/// The rows of a query; an array on PostgreSQL, so that the query is carried out once, whatever the plan.
std::string in_list(Dialect dialect, std::string_view query) {
  if (dialect == Dialect::sqlite) return fmt::format("in ({})", query);
  return fmt::format("= any(array({} for update skip locked))", query);
}

/// PostgreSQL passes over rows that another program is taking at this moment; on SQLite one takes at a time.
std::string take_images(Dialect dialect) {
  return fmt::format(
      "update images set state = 1, lease_owner = :owner, lease_until = :lease_until, updated_at = :now"
      " where id {} returning id, next_attempt_at, source_id, attempts, interrupted, case when attempts = 0 and"
      " interrupted = 0 and failure_kind is null and stored_at is null then found_at end, image_id, {}",
      in_list(dialect,
              "select id from images where state = 0 and queue_id = :queue and host_id = :host"
              " and next_attempt_at <= :now order by next_attempt_at, id limit :room"),
      FoundColumns::kNames);
}

constexpr const char* kAnyPending = "select 1 from images where state = 0 and queue_id = :queue limit 1";

constexpr const char* kNextAttempt =
    "select next_attempt_at from images where state = 0 and queue_id = :queue and host_id = :host"
    " and next_attempt_at > :after order by next_attempt_at limit 1";

/// How many hosts one call looks at: what a lease costs when a million hosts are blocked.
constexpr std::size_t kMaxHostsLeased = 2000;
constexpr std::size_t kMaxHostsForDue = 500;
constexpr long long kLookAgainMilliseconds = 250;

struct Parameters {
  long long queue = 0;
  std::string owner;
  long long host = 0;
  long long after = 0;
  long long now = 0;
  long long lease_until = 0;
  long long room = 0;
};

struct HostColumns {
  long long id = 0;
  std::string name;
  long long blocked_until = 0;
};

struct ImageColumns {
  long long id = 0;
  long long next_attempt_at = 0;
  long long source = 0;
  int attempts = 0;
  int interrupted = 0;
  OptionalColumn<long long> waits_since;
  std::string image_id;
  FoundColumns found;
};

}  // namespace

struct ImageQueue::Statements {
  Statements(soci::session& session, Dialect dialect)
      : next_host((session.prepare << kNextHost, soci::into(host.id), soci::into(host.name),
                   soci::into(host.blocked_until), soci::use(in.queue, "queue"), soci::use(in.after, "after"))),
        host_by_id((session.prepare << kHost, soci::into(host.blocked_until), soci::use(in.host, "id"))),
        take(prepare_take(session, dialect)),
        any_pending((session.prepare << kAnyPending, soci::into(one), soci::use(in.queue, "queue"))),
        next_attempt((session.prepare << kNextAttempt, soci::into(next_attempt_at), soci::use(in.queue, "queue"),
                      soci::use(in.host, "host"), soci::use(in.after, "after"))) {}

  soci::statement prepare_take(soci::session& session, Dialect dialect) {
    auto prepared = session.prepare << take_images(dialect);
    prepared, soci::into(taken.id), soci::into(taken.next_attempt_at), soci::into(taken.source),
        soci::into(taken.attempts), soci::into(taken.interrupted),
        soci::into(taken.waits_since.value, taken.waits_since.set), soci::into(taken.image_id),
        soci::use(in.owner, "owner"), soci::use(in.lease_until, "lease_until"), soci::use(in.now, "now"),
        soci::use(in.queue, "queue"), soci::use(in.host, "host"), soci::use(in.room, "room");
    return taken.found.into_from(prepared);
  }

  Parameters in;
  HostColumns host;
  ImageColumns taken;
  int one = 0;
  long long next_attempt_at = 0;
  soci::statement next_host;
  soci::statement host_by_id;
  soci::statement take;
  soci::statement any_pending;
  soci::statement next_attempt;
};

struct ImageQueue::Host {
  HostId id{};
  std::string name;
  long long blocked_until = 0;
};

/// One call of `lease`.
struct ImageQueue::Round {
  const LeaseQuery& query;
  long long now;
  std::vector<LeasedImage> images;
  std::size_t hosts_seen = 0;
  std::size_t new_hosts = 0;
  std::unordered_set<std::string> known_hosts_done;

  bool over() const { return images.size() >= query.max_images || hosts_seen >= kMaxHostsLeased; }
};

ImageQueue::ImageQueue(soci::session& session, Dialect dialect, HostTable& hosts)
    : hosts_(hosts), statements_(std::make_unique<Statements>(session, dialect)) {}
ImageQueue::~ImageQueue() = default;

Leased ImageQueue::lease(const LeaseQuery& query) {
  if (query.queue != queue_) {
    queue_ = query.queue;
    turn_ = known_turn_ = {};
  }
  auto& in = statements_->in;
  in.queue = static_cast<long long>(query.queue);
  in.owner = query.owner;
  in.now = persisted(query.now);
  in.lease_until = persisted(query.lease_until);

  Round round{.query = query, .now = in.now};
  take_in_turn(round);
  take_from_known_hosts(round);
  return {std::move(round.images), query_row(statements_->any_pending)};
}

/// Goes once round all hosts with images, as long as new ones may be taken from.
void ImageQueue::take_in_turn(Round& round) {
  const auto start = turn_;
  bool wrapped = false;
  while (!round.over() && round.new_hosts < round.query.max_new_hosts) {
    const auto host = next_host(turn_);
    if (!host) {
      if (wrapped) return;
      wrapped = true;
      turn_ = {};
      continue;
    }
    if (wrapped && host->id > start) return;
    turn_ = host->id;
    ++round.hosts_seen;
    const auto known = round.query.room.find(host->name);
    if (known != round.query.room.end()) {
      take(round, *host, known->second);
      round.known_hosts_done.insert(host->name);
    } else if (take(round, *host, round.query.room_per_new_host) > 0) {
      ++round.new_hosts;
    }
  }
}

/// Goes round those hosts with room that the turn has not come to, so that they need not wait until it does.
void ImageQueue::take_from_known_hosts(Round& round) {
  for (auto& host : known_hosts(round)) {
    if (round.over()) return;
    known_turn_ = host.id;
    ++round.hosts_seen;
    statements_->in.host = static_cast<long long>(host.id);
    if (!query_row(statements_->host_by_id)) continue;
    host.blocked_until = statements_->host.blocked_until;
    take(round, host, round.query.room.at(host.name));
  }
}

/// The hosts with room that have not been seen in this round, beginning behind the one where the last call
/// ended.
std::vector<ImageQueue::Host> ImageQueue::known_hosts(const Round& round) {
  std::vector<Host> hosts;
  if (round.over()) return hosts;
  for (const auto& [name, room] : round.query.room) {
    if (room == 0 || round.known_hosts_done.contains(name)) continue;
    if (const auto id = hosts_.find(name)) hosts.push_back({.id = *id, .name = name});
  }
  std::ranges::sort(hosts, {}, &Host::id);
  std::ranges::rotate(hosts, std::ranges::upper_bound(hosts, known_turn_, {}, &Host::id));
  return hosts;
}

/// Leases the images of a host that are due, and returns how many there were.
std::size_t ImageQueue::take(Round& round, const Host& host, std::size_t room) {
  room = std::min(room, round.query.max_images - round.images.size());
  if (room == 0 || host.blocked_until > round.now) return 0;

  auto& sql = *statements_;
  sql.in.host = static_cast<long long>(host.id);
  sql.in.room = static_cast<long long>(room);
  std::vector<std::pair<long long, LeasedImage>> images;
  for (bool row = sql.take.execute(true); row; row = sql.take.fetch()) {
    auto& [due, leased] = images.emplace_back();
    due = sql.taken.next_attempt_at;
    leased = {.row = ImageRow{sql.taken.id},
              .source = SourceId{sql.taken.source},
              .image = sql.taken.found.get(),
              .attempts = sql.taken.attempts,
              .interrupted = sql.taken.interrupted != 0,
              .waits_since = sql.taken.waits_since.time()};
    leased.image.image_id = sql.taken.image_id;
    leased.image.host = host.name;
  }
  // The rows that an update returns come in any order.
  std::ranges::sort(images, {}, [](const auto& entry) { return std::pair(entry.first, entry.second.row); });
  for (auto& [due, leased] : images) round.images.push_back(std::move(leased));
  return images.size();
}

std::optional<ImageQueue::Host> ImageQueue::next_host(HostId after) {
  statements_->in.after = static_cast<long long>(after);
  if (!query_row(statements_->next_host)) return std::nullopt;
  const auto& host = statements_->host;
  return Host{HostId{host.id}, host.name, host.blocked_until};
}

std::optional<SystemTime> ImageQueue::next_due(QueueId queue, SystemTime now) {
  statements_->in.queue = static_cast<long long>(queue);
  const auto now_persisted = persisted(now);
  std::optional<long long> earliest;
  const auto consider = [&earliest](long long due) { earliest = std::min(earliest.value_or(due), due); };
  auto host = next_host({});
  for (std::size_t seen = 0; host; ++seen) {
    if (seen == kMaxHostsForDue) {
      consider(now_persisted + kLookAgainMilliseconds);
      break;
    }
    if (const auto due = due_of_host(*host, now_persisted)) consider(*due);
    host = next_host(host->id);
  }
  if (!earliest) return std::nullopt;
  return from_persisted(*earliest);
}

/// When the next image of a host becomes due after `now`, if one does.
std::optional<long long> ImageQueue::due_of_host(const Host& host, long long now) {
  const bool blocked = host.blocked_until > now;
  statements_->in.host = static_cast<long long>(host.id);
  statements_->in.after = blocked ? -1 : now;
  if (!query_row(statements_->next_attempt)) return std::nullopt;
  return std::max(statements_->next_attempt_at, host.blocked_until);
}

}  // namespace creel

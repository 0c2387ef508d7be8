#include "catalog/poll_table.h"

#include <soci/soci.h>

#include "catalog/persisted_time.h"

namespace creel {
namespace {

constexpr const char* kFindSource = "select id from sources where name = :name";
constexpr const char* kAddSource = "insert into sources (name, type) values (:name, :type) returning id";

constexpr const char* kAddPoll = "insert into polls (source_id, started_at) values (:source, :now) returning id";
constexpr const char* kEndPoll = "update polls set ended_at = :now where id = :poll";

// One part for each of the partial indexes. An image of a poll waits in the poll's queue or the backend's.
constexpr const char* kCountByState =
    "select 0, count(*) from images where state = 0 and queue_id in (0, :poll) and last_poll_id = :poll"
    " union all select 1, count(*) from images where state = 1 and last_poll_id = :poll"
    " union all select state, count(*) from images where state >= 2 and last_poll_id = :poll group by state";

constexpr const char* kWaitingHosts =
    "select hosts.name, waiting.images from"
    " (select host_id, count(*) as images from images where state = 0 and queue_id in (0, :poll) and last_poll_id = "
    ":poll"
    " group by host_id order by images desc limit :max) as waiting"
    " join hosts on hosts.id = waiting.host_id order by waiting.images desc, hosts.name";

}  // namespace

SourceId PollTable::source(const std::string& name, const std::string& type) {
  long long id = 0;
  session_ << kFindSource, soci::use(name, "name"), soci::into(id);
  if (!session_.got_data()) {
    session_ << kAddSource, soci::use(name, "name"), soci::use(type, "type"), soci::into(id);
  }
  return SourceId{id};
}

PollId PollTable::begin(SourceId source, SystemTime now) {
  const auto source_id = static_cast<long long>(source);
  const long long started_at = persisted(now);
  long long id = 0;
  session_ << kAddPoll, soci::use(source_id, "source"), soci::use(started_at, "now"), soci::into(id);
  return PollId{id};
}

void PollTable::end(PollId poll, SystemTime now) {
  const auto id = static_cast<long long>(poll);
  const long long ended_at = persisted(now);
  session_ << kEndPoll, soci::use(ended_at, "now"), soci::use(id, "poll");
}

PollCounts PollTable::counts(PollId poll) {
  const auto id = static_cast<long long>(poll);
  int state = 0;
  long long count = 0;
  soci::statement statement =
      (session_.prepare << kCountByState, soci::use(id, "poll"), soci::into(state), soci::into(count));
  PollCounts counts;
  for (bool row = statement.execute(true); row; row = statement.fetch()) {
    const auto number = static_cast<std::uint64_t>(count);
    switch (static_cast<ImageState>(state)) {
      case ImageState::pending: counts.pending = number; break;
      case ImageState::storing: counts.storing = number; break;
      case ImageState::stored: counts.stored = number; break;
      case ImageState::failed: counts.failed = number; break;
      case ImageState::deleted: break;
    }
  }
  return counts;
}

std::vector<WaitingHost> PollTable::waiting_hosts(PollId poll, std::size_t max_hosts) {
  const auto id = static_cast<long long>(poll);
  const auto max = static_cast<long long>(max_hosts);
  std::string host;
  long long images = 0;
  soci::statement statement = (session_.prepare << kWaitingHosts, soci::use(id, "poll"), soci::use(max, "max"),
                               soci::into(host), soci::into(images));
  std::vector<WaitingHost> hosts;
  for (bool row = statement.execute(true); row; row = statement.fetch()) {
    hosts.push_back({host, static_cast<std::uint64_t>(images)});
  }
  return hosts;
}

}  // namespace creel

#include "catalog/host_table.h"

#include <algorithm>

#include <soci/soci.h>

#include "catalog/persisted_time.h"
#include "catalog/sql_array.h"
#include "catalog/statements.h"

namespace creel {
namespace {

constexpr const char* kFindHost = "select id from hosts where name = :name";
constexpr const char* kAddHost = "insert into hosts (name) values (:name) on conflict (name) do nothing returning id";
constexpr const char* kBlockHost = "update hosts set blocked_until = :until where id = :id";

// Those that are known are not tried to be added: each try would use up a number.
constexpr const char* kAddHosts =
    "insert into hosts (name) select name from unnest(cast(:names as text[])) as listed (name)"
    " where not exists (select 1 from hosts where hosts.name = listed.name) order by name"
    " on conflict (name) do nothing";
constexpr const char* kFindHosts = "select name, id from hosts where name = any(cast(:names as text[]))";

constexpr std::size_t kMaxRemembered = 4096;

}  // namespace

struct HostTable::Statements {
  explicit Statements(soci::session& session)
      : find((session.prepare << kFindHost, soci::into(id), soci::use(name, "name"))),
        add((session.prepare << kAddHost, soci::into(id), soci::use(name, "name"))),
        block((session.prepare << kBlockHost, soci::use(until, "until"), soci::use(id, "id"))) {}

  long long id = 0;
  std::string name;
  long long until = 0;
  soci::statement find;
  soci::statement add;
  soci::statement block;
};

HostTable::HostTable(soci::session& session) : session_(session), statements_(std::make_unique<Statements>(session)) {}
HostTable::~HostTable() = default;

HostId HostTable::id(const std::string& name) {
  if (const auto known = find(name)) return *known;
  statements_->name = name;
  // Another program may have added it in between: then nothing is returned, and it is found.
  if (!query_row(statements_->add)) query_row(statements_->find);
  return remember(name, HostId{statements_->id});
}

std::optional<HostId> HostTable::find(const std::string& name) {
  if (const auto known = remembered_.find(name); known != remembered_.end()) return known->second;
  statements_->name = name;
  if (!query_row(statements_->find)) return std::nullopt;
  return remember(name, HostId{statements_->id});
}

void HostTable::block(const std::string& name, SystemTime until) {
  statements_->id = static_cast<long long>(id(name));
  statements_->until = persisted_not_before(until);
  change_rows(statements_->block);
}

void HostTable::add_all(std::vector<std::string> names) {
  std::ranges::sort(names);
  names.erase(std::ranges::unique(names).begin(), names.end());
  std::erase_if(names, [this](const std::string& name) { return remembered_.contains(name); });
  if (names.size() <= 1) return;
  SqlArray array;
  for (const auto& name : names) array.add(name);
  array.close();
  session_ << kAddHosts, soci::use(array.text(), "names");

  std::string name;
  long long id = 0;
  soci::statement find =
      (session_.prepare << kFindHosts, soci::into(name), soci::into(id), soci::use(array.text(), "names"));
  for (bool row = find.execute(true); row; row = find.fetch()) remember(name, HostId{id});
}

HostId HostTable::remember(const std::string& name, HostId id) {
  if (remembered_.size() >= kMaxRemembered) remembered_.clear();
  remembered_.emplace(name, id);
  return id;
}

}  // namespace creel

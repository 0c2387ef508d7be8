#include "catalog/migrations.h"

#include <algorithm>

#include <fmt/format.h>
#include <soci/soci.h>

#include "base/failure.h"
#include "base/text.h"
#include "catalog/persisted_time.h"

namespace creel {
namespace {

constexpr const char* kCreateMigrations =
    "create table migrations (number integer primary key, applied_at bigint not null)";
constexpr const char* kLastMigration = "select coalesce(max(number), 0) from migrations";
constexpr const char* kAddMigration = "insert into migrations (number, applied_at) values (:number, :applied_at)";

std::vector<std::string> table_names(soci::session& session) {
  std::vector<std::string> names;
  std::string name;
  soci::statement statement = (session.prepare_table_names(), soci::into(name));
  for (bool row = statement.execute(true); row; row = statement.fetch()) names.push_back(name);
  return names;
}

void require_ours(soci::session& session, const std::string& name) {
  const auto tables = table_names(session);
  if (std::ranges::find(tables, "migrations") != tables.end()) return;
  if (!tables.empty()) {
    throw Failure(FailureKind::bad_request,
                  fmt::format("{} is the database of another program: choose another --state", name));
  }
  soci::transaction transaction(session);
  session << kCreateMigrations;
  transaction.commit();
}

void apply(soci::session& session, const Migration& migration, SystemTime now) {
  soci::transaction transaction(session);
  for (const auto& statement : split_statements(migration.sql)) session << statement;
  const long long applied_at = persisted(now);
  session << kAddMigration, soci::use(migration.number, "number"), soci::use(applied_at, "applied_at");
  transaction.commit();
}

}  // namespace

std::vector<std::string> split_statements(std::string_view sql) {
  std::string code;
  for (const auto line : split(sql, '\n')) {
    if (trim(line).starts_with("--")) continue;
    code.append(line).push_back('\n');
  }
  std::vector<std::string> statements;
  for (const auto statement : split(code, ';')) {
    if (!trim(statement).empty()) statements.emplace_back(trim(statement));
  }
  return statements;
}

void migrate(soci::session& session, std::span<const Migration> migrations, const std::string& name, SystemTime now) {
  require_ours(session, name);
  int last = 0;
  session << kLastMigration, soci::into(last);
  const int known = migrations.empty() ? 0 : migrations.back().number;
  if (last > known) {
    throw Failure(FailureKind::bad_request,
                  fmt::format("{} was made by a newer creel (schema {}, this program knows {}): "
                              "use that creel, or choose another --state",
                              name, last, known));
  }
  for (const auto& migration : migrations) {
    if (migration.number > last) apply(session, migration, now);
  }
}

}  // namespace creel

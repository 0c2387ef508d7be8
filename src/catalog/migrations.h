#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "catalog/catalog.h"

namespace soci {
class session;
}

namespace creel {

/// One step of the schema, for every dialect.
///
/// A semicolon ends a statement; a comment takes whole lines; neither stands in a literal. Lines that stand between
/// `-- [sqlite]` or `-- [postgresql]` and the next `-- [all]` are for that database alone. Between `-- [whole]` and
/// `-- [end]` stands one statement, with semicolons in it: a trigger, a function. `id integer primary key` is a number
/// that the database gives, of 64 bits.
struct Migration {
  int number = 0;
  std::string_view sql;
};

/// A database as the user knows it, for messages.
struct CatalogName {
  std::string name;
  CatalogAdvice advice{};
};

/// Every step that this program knows, numbered from 1 without gaps.
std::span<const Migration> all_migrations();

/// Takes the steps that the database has not seen yet, in order, each in a transaction of its own. Programs that do so
/// at the same time wait for each other.
/// @throws Failure bad_request  the schema is newer than `migrations`, or the database holds tables that are
/// not ours
/// @throws soci::soci_error
void migrate(soci::session& session, Dialect dialect, std::span<const Migration> migrations, const CatalogName& name,
             SystemTime now);

/// The statements of a migration for a database, without its comments.
std::vector<std::string> split_statements(std::string_view sql, Dialect dialect);

}  // namespace creel

#include "catalog/sql_failure.h"

#include <string>

#include <fmt/format.h>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

namespace creel {
namespace {

int primary_code(const soci::sqlite3_soci_error& error) {
  return error.result() & 0xff;  // of an extended one
}

Failure from_sqlite(const soci::sqlite3_soci_error& error, const CatalogAdvice& advice) {
  using enum FailureKind;
  switch (primary_code(error)) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL: return {internal, "the catalog is locked by another program: close that program"};
    case SQLITE_FULL: return {internal, "the disk that holds the catalog is full: make room"};
    case SQLITE_CORRUPT:
      return {internal, fmt::format("the catalog is damaged: restore it from a backup, or {}", advice.choose_another)};
    case SQLITE_NOTADB: return {bad_request, fmt::format("the file is no catalog: {}", advice.choose_another)};
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH: return {internal, "the catalog cannot be written: check the permissions of its file and folder"};
    case SQLITE_CANTOPEN:
      return {internal, "the catalog's files cannot be opened: check its folder and their permissions"};
    case SQLITE_IOERR: return {internal, "reading or writing the catalog failed: check the disk that holds it"};
    case SQLITE_NOMEM: return {internal, "there is no memory left for the catalog"};
    default:
      return {internal, fmt::format("the catalog refused a statement: {} (SQLite error {})",
                                    sqlite_api::sqlite3_errstr(error.result()), error.result())};
  }
}

/// libpq's own errors have no state: the server's answer did not come.
bool is_connection_lost_state(const std::string& state) {
  return state.starts_with("08") || state.starts_with("57P") || state.find_first_not_of(' ') == std::string::npos;
}

/// https://www.postgresql.org/docs/current/errcodes-appendix.html
Failure from_postgresql(const std::string& state) {
  using enum FailureKind;
  if (state == "53100") return {internal, "the disk of the catalog's server is full: make room"};
  if (state == "53300") return {internal, "the catalog's server takes no more connections: raise its max_connections"};
  if (state.starts_with("53"))
    return {internal, fmt::format("the catalog's server has run out of memory or files (SQLSTATE {})", state)};
  if (state == "25006") return {internal, "the catalog's server can only be read: check that it is the primary"};
  if (state == "42501") {
    return {internal, "the catalog's server forbids a statement: the user needs all rights on the catalog's schema"};
  }
  if (is_connection_lost_state(state)) return {internal, "the connection to the catalog's server is lost"};
  if (state.starts_with("40") || state == "55P03") {
    return {internal, "the catalog is locked by another program that uses it"};
  }
  if (state == "57014") return {internal, "the catalog's server took too long for a statement"};
  return {internal, fmt::format("the catalog refused a statement (SQLSTATE {})", state)};
}

/// Classes and codes that say nothing against the statement itself.
bool is_passing_state(const std::string& state) {
  for (const auto* prefix : {"08", "40", "53", "57"}) {
    if (state.starts_with(prefix)) return true;
  }
  return is_connection_lost_state(state) || state == "55P03" || state == "25006" || state.starts_with("58");
}

}  // namespace

Failure to_failure(const soci::soci_error& error, const CatalogAdvice& advice) {
  if (const auto* sqlite = dynamic_cast<const soci::sqlite3_soci_error*>(&error)) return from_sqlite(*sqlite, advice);
  if (const auto* postgresql = dynamic_cast<const soci::postgresql_soci_error*>(&error)) {
    return from_postgresql(postgresql->sqlstate());
  }
  return {FailureKind::internal, fmt::format("the catalog failed: {}", error.get_error_message())};
}

bool is_passing(const soci::soci_error& error) {
  if (const auto* sqlite = dynamic_cast<const soci::sqlite3_soci_error*>(&error)) {
    switch (primary_code(*sqlite)) {
      case SQLITE_BUSY:
      case SQLITE_LOCKED:
      case SQLITE_PROTOCOL:
      case SQLITE_FULL:
      case SQLITE_IOERR:
      case SQLITE_CANTOPEN:
      case SQLITE_NOMEM: return true;
      default: return false;
    }
  }
  if (const auto* postgresql = dynamic_cast<const soci::postgresql_soci_error*>(&error)) {
    return is_passing_state(postgresql->sqlstate());
  }
  return false;
}

bool is_duplicate(const soci::soci_error& error) {
  if (const auto* sqlite = dynamic_cast<const soci::sqlite3_soci_error*>(&error)) {
    return sqlite->result() == SQLITE_CONSTRAINT_UNIQUE || sqlite->result() == SQLITE_CONSTRAINT_PRIMARYKEY;
  }
  const auto* postgresql = dynamic_cast<const soci::postgresql_soci_error*>(&error);
  return postgresql != nullptr && postgresql->sqlstate() == "23505";
}

void rethrow_as_failure(const CatalogAdvice& advice, bool is_connection_lost) {
  try {
    throw;
  } catch (const soci::soci_error& error) {
    if (is_passing(error)) throw CatalogUnavailable(to_failure(error, advice).what());
    if (is_connection_lost) throw CatalogUnavailable("the connection to the catalog's server is lost");
    throw to_failure(error, advice);
  }
}

void rethrow_named(const std::string& name, const CatalogAdvice& advice) {
  try {
    throw;
  } catch (const soci::soci_error& error) {
    const auto failure = to_failure(error, advice);
    const auto message = fmt::format("{}: {}", name, failure.what());
    if (is_passing(error)) throw CatalogUnavailable(message);
    throw Failure(failure.kind(), message);
  }
}

}  // namespace creel

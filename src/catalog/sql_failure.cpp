#include "catalog/sql_failure.h"

#include <string>

#include <fmt/format.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

namespace creel {
namespace {

Failure from_sqlite(int result) {
  using enum FailureKind;
  switch (result & 0xff) {  // the primary code of an extended one
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {internal, "the catalog is locked by another program: close that program and start creel again"};
    case SQLITE_FULL: return {internal, "the disk that holds the catalog is full: make room and start creel again"};
    case SQLITE_CORRUPT:
      return {internal, "the catalog is damaged: restore it from a backup, or choose another --state"};
    case SQLITE_NOTADB: return {bad_request, "the file is no catalog: choose another --state"};
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH: return {internal, "the catalog cannot be written: check the permissions of its file and folder"};
    case SQLITE_CANTOPEN:
      return {internal, "the catalog's files cannot be opened: check its folder and their permissions"};
    case SQLITE_IOERR: return {internal, "reading or writing the catalog failed: check the disk that holds it"};
    case SQLITE_NOMEM: return {internal, "there is no memory left for the catalog"};
    default:
      return {internal, fmt::format("the catalog refused a statement: {} (SQLite error {})",
                                    sqlite_api::sqlite3_errstr(result), result)};
  }
}

}  // namespace

Failure to_failure(const soci::soci_error& error) {
  if (const auto* sqlite = dynamic_cast<const soci::sqlite3_soci_error*>(&error)) {
    return from_sqlite(sqlite->result());
  }
  return {FailureKind::internal, fmt::format("the catalog failed: {}", error.get_error_message())};
}

void rethrow_as_failure() {
  try {
    throw;
  } catch (const soci::soci_error& error) {
    throw to_failure(error);
  }
}

}  // namespace creel

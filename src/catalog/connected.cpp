#include "catalog/connected.h"

namespace creel {
namespace {

const char* begin_statement(Dialect dialect, Access access) {
  if (dialect == Dialect::sqlite) return access == Access::write ? "begin immediate" : "begin";
  // A read transaction sees one state of the database, as it does on SQLite.
  return access == Access::write ? "begin" : "begin isolation level repeatable read read only";
}

}  // namespace

Transaction::Transaction(soci::session& session, Dialect dialect, Access access) : session_(session) {
  session_ << begin_statement(dialect, access);
}

Transaction::~Transaction() {
  if (is_over_) return;
  try {
    session_.rollback();
  } catch (const soci::soci_error&) {
    // The connection is gone or the database has rolled back by itself; `drop_if_broken` tells which.
  }
}

void Transaction::commit() {
  session_.commit();
  is_over_ = true;
}

}  // namespace creel

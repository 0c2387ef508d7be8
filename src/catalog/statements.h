#pragma once

namespace soci {
class statement;
}

namespace creel {

/// Runs a query that answers with one row at most; true if there was one. The query is read to its end: one
/// that is left open keeps the database from starting its log anew.
bool query_row(soci::statement& statement);

/// Runs a statement that changes rows and returns how many it changed.
long long change_rows(soci::statement& statement);

}  // namespace creel

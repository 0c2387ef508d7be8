#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace soci {
class session;
}

namespace creel {

/// One step of the schema. A semicolon ends a statement; a comment takes whole lines; neither stands in a
/// literal.
struct Migration {
  int number = 0;
  std::string_view sql;
};

/// Every step that this program knows, numbered from 1 without gaps.
std::span<const Migration> all_migrations();

/// Takes the steps that the database has not seen yet, in order, each in a transaction of its own.
/// @param name  the database as the user knows it, for messages
/// @throws Failure bad_request  the schema is newer than `migrations`, or the database holds tables that are
/// not ours
/// @throws soci::soci_error
void migrate(soci::session& session, std::span<const Migration> migrations, const std::string& name, SystemTime now);

/// The statements of a migration, without its comments.
std::vector<std::string> split_statements(std::string_view sql);

}  // namespace creel

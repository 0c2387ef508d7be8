#include "catalog/sql_failure.h"

#include <gmock/gmock.h>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

namespace creel {
namespace {

using testing::HasSubstr;
using testing::Not;

Failure sqlite_failure(int result) {
  return to_failure(soci::sqlite3_soci_error("with :url=\"s3cret\"", result));
}

TEST(SqlFailure, SaysWhatToDoForEachError) {
  struct Case {
    int result;
    FailureKind kind;
    const char* message;
  };
  constexpr Case kCases[] = {
      {SQLITE_BUSY, FailureKind::internal, "locked by another program"},
      {SQLITE_LOCKED, FailureKind::internal, "locked by another program"},
      {SQLITE_FULL, FailureKind::internal, "full: make room"},
      {SQLITE_CORRUPT, FailureKind::internal, "damaged: restore"},
      {SQLITE_NOTADB, FailureKind::bad_request, "no catalog"},
      {SQLITE_READONLY, FailureKind::internal, "permissions"},
      {SQLITE_PERM, FailureKind::internal, "permissions"},
      {SQLITE_CANTOPEN, FailureKind::internal, "cannot be opened"},
      {SQLITE_IOERR, FailureKind::internal, "check the disk"},
      {SQLITE_IOERR_FSYNC, FailureKind::internal, "check the disk"},
      {SQLITE_NOMEM, FailureKind::internal, "memory"},
      {SQLITE_CONSTRAINT, FailureKind::internal, "constraint failed (SQLite error 19)"},
  };
  for (const auto& [result, kind, message] : kCases) {
    const auto failure = sqlite_failure(result);
    EXPECT_EQ(failure.kind(), kind) << result;
    EXPECT_THAT(failure.what(), HasSubstr(message)) << result;
    EXPECT_THAT(failure.what(), Not(HasSubstr("s3cret"))) << result;
  }
}

TEST(SqlFailure, TellsWhatIsTakenAlready) {
  EXPECT_TRUE(is_duplicate(soci::sqlite3_soci_error("", SQLITE_CONSTRAINT_UNIQUE)));
  EXPECT_TRUE(is_duplicate(soci::postgresql_soci_error("", "23505")));
  EXPECT_FALSE(is_duplicate(soci::sqlite3_soci_error("", SQLITE_CONSTRAINT_NOTNULL)));
  EXPECT_FALSE(is_duplicate(soci::postgresql_soci_error("", "23503")));
}

TEST(SqlFailure, TellsWhatPassesFromWhatDoesNot) {
  for (const int result : {SQLITE_BUSY, SQLITE_LOCKED, SQLITE_FULL, SQLITE_IOERR_WRITE, SQLITE_CANTOPEN}) {
    EXPECT_TRUE(is_passing(soci::sqlite3_soci_error("", result))) << result;
  }
  for (const int result : {SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_CONSTRAINT, SQLITE_READONLY}) {
    EXPECT_FALSE(is_passing(soci::sqlite3_soci_error("", result))) << result;
  }
  // The blank one is libpq's own: the connection is lost.
  for (const auto* state : {"     ", "08006", "57P01", "53100", "53300", "40P01", "55P03", "25006"}) {
    EXPECT_TRUE(is_passing(soci::postgresql_soci_error("", state))) << state;
  }
  for (const auto* state : {"23503", "42601", "42501", "22021"}) {
    EXPECT_FALSE(is_passing(soci::postgresql_soci_error("", state))) << state;
  }
}

TEST(SqlFailure, SaysWhatToDoForEachStateOfPostgresqlWithoutItsValues) {
  constexpr std::pair<const char*, const char*> kCases[] = {
      {"53100", "full: make room"}, {"53300", "max_connections"}, {"42501", "all rights"},      {"25006", "primary"},
      {"57P01", "is lost"},         {"40P01", "locked"},          {"23503", "(SQLSTATE 23503)"}};
  for (const auto& [state, message] : kCases) {
    const auto failure = to_failure(soci::postgresql_soci_error("Key (url)=(s3cret)", state));
    EXPECT_THAT(failure.what(), HasSubstr(message)) << state;
    EXPECT_THAT(failure.what(), Not(HasSubstr("s3cret"))) << state;
  }
}

TEST(SqlFailure, AdvisesAsTheCatalogWasChosen) {
  const auto failure = to_failure(soci::sqlite3_soci_error("", SQLITE_NOTADB), {"choose another --data"});
  EXPECT_THAT(failure.what(), HasSubstr("choose another --data"));
}

TEST(SqlFailure, RetellsAnErrorOfTheLibraryWithoutItsContext) {
  soci::soci_error error("Vectors of size 0 are not allowed.");
  error.add_context("while executing with :url=\"s3cret\"");
  const auto failure = to_failure(error);
  EXPECT_EQ(failure.kind(), FailureKind::internal);
  EXPECT_THAT(failure.what(), HasSubstr("size 0"));
  EXPECT_THAT(failure.what(), Not(HasSubstr("s3cret")));
}

TEST(SqlFailure, LetsOtherExceptionsPass) {
  const auto rethrow = [] {
    try {
      throw std::logic_error("a bug");
    } catch (...) {
      rethrow_as_failure();
    }
  };
  EXPECT_THROW(rethrow(), std::logic_error);
}

}  // namespace
}  // namespace creel

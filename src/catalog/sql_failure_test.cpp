#include "catalog/sql_failure.h"

#include <gmock/gmock.h>
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

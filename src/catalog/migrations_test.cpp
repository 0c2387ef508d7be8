#include "catalog/migrations.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include "base/failure.h"
#include "catalog/image_repository.h"
#include "catalog/temporary_folder.h"
#include "support/postgres_cluster.h"

namespace creel {
namespace {

using testing::ElementsAre;
using What = Sighting::What;

constexpr SystemTime kNow{std::chrono::seconds(1'700'000'000)};

class MigrationsTest : public testing::Test {
 protected:
  void take(const std::vector<Migration>& migrations) {
    migrate(session_, Dialect::sqlite, migrations, {"test.db"}, kNow);
  }

  std::vector<int> taken() {
    std::vector<int> numbers;
    int number = 0;
    soci::statement statement =
        (session_.prepare << "select number from migrations order by number", soci::into(number));
    for (bool row = statement.execute(true); row; row = statement.fetch()) numbers.push_back(number);
    return numbers;
  }

  soci::session session_{*soci::factory_sqlite3(), ":memory:"};
};

TEST_F(MigrationsTest, TakeEachStepOnceInOrder) {
  const Migration first{1, "create table t (a integer);"};
  const Migration second{2, "insert into t values (1); insert into t values (2);"};
  take({first});
  EXPECT_THAT(taken(), ElementsAre(1));
  take({first, second});
  take({first, second});
  EXPECT_THAT(taken(), ElementsAre(1, 2));
  int rows = 0;
  session_ << "select count(*) from t", soci::into(rows);
  EXPECT_EQ(rows, 2);
}

TEST_F(MigrationsTest, TakeAStepWhollyOrNotAtAll) {
  EXPECT_THROW(take({{1, "create table t (a integer); create nonsense;"}}), soci::soci_error);
  EXPECT_THAT(taken(), ElementsAre());
  take({{1, "create table t (a integer);"}});
  EXPECT_THAT(taken(), ElementsAre(1));
}

TEST_F(MigrationsTest, RefuseASchemaThatIsNewer) {
  const Migration first{1, "create table t (a integer);"};
  take({first, {2, "create table u (a integer);"}});
  EXPECT_THROW(take({first}), Failure);
}

TEST_F(MigrationsTest, NoteWhenAStepWasTaken) {
  take({{1, "create table t (a integer);"}});
  long long applied_at = 0;
  session_ << "select applied_at from migrations", soci::into(applied_at);
  EXPECT_EQ(applied_at, 1'700'000'000'000);
}

TEST_F(MigrationsTest, AreNumberedFromOneWithoutGaps) {
  int expected = 0;
  for (const auto& migration : all_migrations()) EXPECT_EQ(migration.number, ++expected);
  EXPECT_GT(expected, 0);
}

TEST(SplitStatements, LeavesOutCommentsAndEmptyStatements) {
  EXPECT_THAT(split_statements("-- one; two\ncreate table t (\n  -- a column\n  a integer\n);\n\n;insert x;\n",
                               Dialect::sqlite),
              ElementsAre("create table t (\n  a integer\n)", "insert x"));
}

/// The images of the dumps are there, and the queue goes on.
void expect_all_images(Catalog& catalog) {
  ImageRepository images(catalog);
  const auto source = images.source("urls.txt", "list");
  images.take_back_all(std::nullopt, kNow);
  const auto poll = images.begin_poll(source, kNow);
  std::vector<FoundImage> list;
  for (const auto* id : {"stored", "failed", "deleted", "pending", "storing", "new"}) {
    list.push_back({.image_id = id, .url = std::string("https://a.example/") + id, .host = "a.example"});
  }
  const auto sightings = images.see(source, poll, queue_of(poll), list, {}, kNow);
  std::vector<What> what;
  for (const auto& sighting : sightings) what.push_back(sighting.what);
  ASSERT_THAT(what,
              ElementsAre(What::stored, What::failed, What::deleted, What::pending, What::pending, What::pending));
  EXPECT_EQ(sightings[0].stored->key, "a.example/stored.png");
  EXPECT_EQ(sightings[0].stored->size_bytes, 48213U);
  EXPECT_EQ(sightings[0].stored->width, 800U);
  EXPECT_EQ(sightings[1].failure->kind, FailureKind::not_found);
  EXPECT_EQ(sightings[1].failure->message, "the server answered 404");

  const auto leased =
      images.lease({.queue = queue_of(poll), .now = kNow, .lease_until = kNow + std::chrono::minutes(1), .room = {}})
          .images;
  ASSERT_EQ(leased.size(), 3U);
  EXPECT_EQ(leased[1].image.image_id, "storing");
  EXPECT_TRUE(leased[1].interrupted);
}

/// Polls go, and the images that they found stay.
void expect_polls_to_be_forgotten(Catalog& catalog) {
  catalog.session() << "delete from polls";
  long long images = 0;
  catalog.session() << "select count(*) from images", soci::into(images);
  EXPECT_EQ(images, 6);
}

/// A database as an older creel left it, made from testdata/schema_NNNN.sql. Each dump holds the same images:
/// stored, failed, deleted, pending and storing, of the source "urls.txt".
class OlderSchemaTest : public testing::TestWithParam<int> {
 protected:
  OlderSchemaTest() {
    std::ifstream stream(fmt::format("{}/schema_{:04}.sql", CREEL_TEST_DATA, GetParam()));
    EXPECT_TRUE(stream) << "a dump is missing";
    const std::string dump{std::istreambuf_iterator<char>(stream), {}};
    soci::session session(*soci::factory_sqlite3(), "dbname=\"" + file().string() + "\"");
    for (const auto& statement : split_statements(dump, Dialect::sqlite)) session << statement;
  }

  std::filesystem::path file() const { return folder_.path() / "creel.db"; }

  TemporaryFolder folder_;
};

INSTANTIATE_TEST_SUITE_P(Every, OlderSchemaTest, testing::Range(1, static_cast<int>(all_migrations().size()) + 1));

TEST_P(OlderSchemaTest, IsBroughtUpToDateWithAllItHolds) {
  const auto catalog = Catalog::open_sqlite(file());
  expect_all_images(*catalog);
  expect_polls_to_be_forgotten(*catalog);
}

/// The same on PostgreSQL: the steps up to a schema, then the rows of its dump.
class PostgresqlOlderSchemaTest : public testing::TestWithParam<int> {
 protected:
  PostgresqlOlderSchemaTest() { cluster().create_database(database_); }
  ~PostgresqlOlderSchemaTest() override { cluster().drop_database(database_); }

  static PostgresCluster& cluster() { return PostgresCluster::shared(); }

  void make(int schema) {
    soci::session session(*soci::factory_postgresql(), cluster().url(database_));
    const auto steps = all_migrations().first(static_cast<std::size_t>(schema));
    migrate(session, Dialect::postgresql, steps, {database_}, kNow);
    std::ifstream stream(fmt::format("{}/schema_{:04}.sql", CREEL_TEST_DATA, schema));
    const std::string dump{std::istreambuf_iterator<char>(stream), {}};
    for (const auto& statement : split_statements(dump, Dialect::postgresql)) {
      const bool is_row = statement.starts_with("insert into ") && !statement.starts_with("insert into migrations") &&
                          !statement.starts_with("insert into image_words");
      if (is_row) session << statement;
    }
    // Rows that come with their numbers do not use any up.
    for (const auto* table : {"sources", "polls", "hosts", "images"}) {
      session << fmt::format("select setval(pg_get_serial_sequence('{}', 'id'), 1000)", table);
    }
  }

  std::string database_ = "older_schema_test";
};

INSTANTIATE_TEST_SUITE_P(Every, PostgresqlOlderSchemaTest,
                         testing::Range(1, static_cast<int>(all_migrations().size()) + 1));

TEST_P(PostgresqlOlderSchemaTest, IsBroughtUpToDateWithAllItHolds) {
  make(GetParam());
  const auto catalog = Catalog::open_postgresql(cluster().url(database_));
  expect_all_images(*catalog);
  expect_polls_to_be_forgotten(*catalog);
}

}  // namespace
}  // namespace creel

#include <thread>

#include <gmock/gmock.h>
#include <soci/soci.h>

#include "catalog/repository_fixture.h"

namespace creel {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

const CatalogAdvice kAdvice{"choose another database.url"};

class PostgresqlCatalogTest : public testing::Test {
 protected:
  PostgresqlCatalogTest() { cluster().create_database(database_); }
  ~PostgresqlCatalogTest() override { cluster().drop_database(database_); }

  static PostgresCluster& cluster() { return PostgresCluster::shared(); }
  std::string url() const { return cluster().url(database_); }
  std::unique_ptr<Catalog> open() const { return Catalog::open_postgresql(url(), kAdvice); }

  void expect_refusal(const testing::Matcher<const char*>& message) {
    try {
      open();
      ADD_FAILURE() << "it was opened";
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.kind(), FailureKind::bad_request);
      EXPECT_THAT(failure.what(), message);
    }
  }

  std::string database_ = "catalog_test";
};

TEST_F(PostgresqlCatalogTest, SetsUpAnEmptyDatabaseAndKeepsWhatWasWritten) {
  const auto source = ImageRepository(*open()).source("urls.txt", "list");
  EXPECT_EQ(ImageRepository(*open()).source("urls.txt", "list"), source);
}

TEST_F(PostgresqlCatalogTest, CanBeSetUpBySeveralProgramsAtOnce) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back([this] { EXPECT_NO_THROW(open()); });
  for (auto& thread : threads) thread.join();
}

TEST_F(PostgresqlCatalogTest, RefusesANewerSchema) {
  open()->session() << "insert into migrations (number, applied_at) values (9999, 0)";
  expect_refusal(AllOf(HasSubstr("made by a newer creel (schema 9999, this program knows "),
                       HasSubstr("use that creel, or choose another database.url"), HasSubstr("postgresql://creel@")));
}

TEST_F(PostgresqlCatalogTest, LeavesTheDatabaseOfAnotherProgramAlone) {
  cluster().run(database_, "create table bookmarks (url text)");
  expect_refusal(AllOf(HasSubstr("another program"), HasSubstr("choose another database.url")));
}

TEST_F(PostgresqlCatalogTest, TakesASchemaOfItsOwn) {
  cluster().run(database_, "create table bookmarks (url text); create schema creel");
  const auto catalog = Catalog::open_postgresql(url() + "&options=-csearch_path%3Dcreel", kAdvice);
  EXPECT_NO_THROW(ImageRepository(*catalog).source("urls.txt", "list"));
}

TEST_F(PostgresqlCatalogTest, RefusesAUrlThatIsNone) {
  for (const auto* url : {"postgresql://[", "mysql://host/db", "postgresql://h/d?colour=red"}) {
    try {
      Catalog::open_postgresql(url, kAdvice);
      ADD_FAILURE() << url;
    } catch (const Failure& failure) {
      EXPECT_THAT(failure.what(), HasSubstr("postgresql://user:password@host:port/database")) << url;
    }
  }
}

TEST_F(PostgresqlCatalogTest, NamesWhatItCannotReachWithoutThePassword) {
  try {
    Catalog::open_postgresql("postgresql://creel:s3cret@/none?host=/nowhere&password=s3cret", kAdvice);
    ADD_FAILURE() << "there is no server";
  } catch (const CatalogUnavailable& failure) {
    EXPECT_THAT(failure.what(), AllOf(HasSubstr("/nowhere"), HasSubstr("No such file"), Not(HasSubstr("s3cret")),
                                      Not(HasSubstr("\n"))));
  }
}

TEST_F(PostgresqlCatalogTest, SaysThatADatabaseIsNotThere) {
  try {
    Catalog::open_postgresql(cluster().url("none"), kAdvice);
    ADD_FAILURE() << "there is no such database";
  } catch (const CatalogUnavailable& failure) {
    EXPECT_THAT(failure.what(), HasSubstr("\"none\" does not exist"));
  }
}

TEST_F(PostgresqlCatalogTest, GivesConnectionsThatSeeWhatOthersWrote) {
  const auto catalog = open();
  const auto other = catalog->another();
  const auto source = ImageRepository(*catalog).source("urls.txt", "list");
  EXPECT_EQ(ImageRepository(*other).source("urls.txt", "list"), source);
  EXPECT_NE(catalog->connect(), other->connect());
}

}  // namespace
}  // namespace creel

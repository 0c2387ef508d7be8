#include <gmock/gmock.h>
#include <soci/soci.h>

#include "catalog/connected.h"
#include "catalog/repository_fixture.h"

namespace creel {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using What = Sighting::What;

/// A database that goes away and comes back.
class PostgresqlOutageTest : public RepositoryFixture {
 protected:
  PostgresqlOutageTest() { begin_poll(); }
  // The tests that come after need it.
  ~PostgresqlOutageTest() override {
    if (is_stopped_) cluster().start();
  }

  static PostgresCluster& cluster() { return PostgresCluster::shared(); }

  void stop() {
    cluster().stop();
    is_stopped_ = true;
  }

  void start() {
    cluster().start();
    is_stopped_ = false;
  }

  /// Has the server close the connection of whoever does this to images: "before insert", "before update".
  void close_connection_at(const std::string& event) {
    run("create function creel_leave() returns trigger language plpgsql as $$"
        " begin perform pg_terminate_backend(pg_backend_pid()); return new; end $$");
    run("create constraint trigger leave " + event +
        " deferrable initially deferred for each row"
        " execute function creel_leave()");
  }

  void close_connection_no_more() { run("drop trigger leave on images"); }

  void run(const std::string& sql) { cluster().run(folder_.path().filename(), sql); }

  bool is_stopped_ = false;
};

INSTANTIATE_TEST_SUITE_P(On, PostgresqlOutageTest, testing::Values(kPostgresql),
                         [](const auto& test) { return test.param.name; });

TEST_P(PostgresqlOutageTest, ARestartBetweenCallsIsNotNoticed) {
  see(found("a"));
  cluster().restart();
  EXPECT_EQ(see(found("b")).what, What::pending);
  cluster().restart();
  EXPECT_EQ(images_->counts(poll_).pending, 2U);
}

TEST_P(PostgresqlOutageTest, ACallFailsWhileTheServerIsAwayAndTheNextOneConnectsAnew) {
  see(found("a"));
  stop();
  for (int i = 0; i < 2; ++i) {
    try {
      images_->counts(poll_);
      ADD_FAILURE() << "the server is away";
    } catch (const CatalogUnavailable& failure) {
      EXPECT_EQ(failure.kind(), FailureKind::internal);
      EXPECT_THAT(failure.what(), HasSubstr("postgresql://creel@/"));
    }
  }
  start();
  EXPECT_EQ(images_->counts(poll_).pending, 1U);
  EXPECT_EQ(lease_one().image.image_id, "a");
}

TEST_P(PostgresqlOutageTest, ARepositoryMadeWhileTheServerIsAwayWorksLater) {
  stop();
  const auto other = catalog_->another();
  ImageRepository images(*other);
  EXPECT_THROW(images.counts(poll_), CatalogUnavailable);
  start();
  EXPECT_EQ(images.counts(poll_).pending, 0U);
}

/// Two tables' worth of a repository, to look into a transaction.
struct Hosts {
  Hosts(soci::session& session, Dialect) : session_(session) {}
  void add(const std::string& name) { session_ << "insert into hosts (name) values (:name)", soci::use(name); }
  int count() {
    int hosts = 0;
    session_ << "select count(*) from hosts", soci::into(hosts);
    return hosts;
  }

 private:
  soci::session& session_;
};

TEST_P(PostgresqlOutageTest, ARestartWithinACallFailsItAndLeavesNothingOfIt) {
  Connected<Hosts> sql(*catalog_);
  EXPECT_THROW(sql.write([](Hosts& hosts) {
    hosts.add("a.example");
    cluster().restart();
    hosts.add("b.example");
  }),
               CatalogUnavailable);
  EXPECT_EQ(sql.read([](Hosts& hosts) { return hosts.count(); }), 0);
  sql.write([](Hosts& hosts) { hosts.add("a.example"); });
  EXPECT_EQ(sql.read([](Hosts& hosts) { return hosts.count(); }), 1);
}

TEST_P(PostgresqlOutageTest, AConnectionThatClosesAtTheCommitLeavesNothingOfTheCall) {
  close_connection_at("after insert on images");
  EXPECT_THROW(see(found("a")), CatalogUnavailable);
  close_connection_no_more();
  EXPECT_EQ(images_->counts(poll_).pending, 0U);
  const auto sighting = see(found("a"));
  EXPECT_TRUE(sighting.is_new);
}

TEST_P(PostgresqlOutageTest, WhatALostLeaseTookIsThereForTheNext) {
  see({"a", "b"}, "a.example");
  close_connection_at("after update on images");
  EXPECT_THROW(images_->lease(query()), CatalogUnavailable);
  close_connection_no_more();
  EXPECT_EQ(images_->lease(query()).images.size(), 2U);
}

TEST_P(PostgresqlOutageTest, CallsMayBeRepeated) {
  see(found("a"));
  EXPECT_FALSE(see(found("a")).is_new);
  const auto row = lease_one().row;
  record(row, facts());
  record(row, facts());
  EXPECT_EQ(images_->counts(poll_).stored, 1U);
  EXPECT_EQ(images_->counts(poll_).pending, 0U);
}

TEST_P(PostgresqlOutageTest, AFailureOfAnotherKindIsNoOutage) {
  try {
    images_->see(SourceId{9999}, poll_, kBackendQueue, std::vector{found("a")}, {}, now_);
    ADD_FAILURE() << "the source is unknown";
  } catch (const CatalogUnavailable&) {
    ADD_FAILURE() << "it would be waited for in vain";
  } catch (const Failure& failure) {
    EXPECT_THAT(failure.what(), HasSubstr("23503"));
  }
  EXPECT_EQ(see(found("a")).what, What::pending);
}

TEST_P(PostgresqlOutageTest, ALockThatIsHeldTooLongFailsTheCallAndNothingElse) {
  see(found("a"));
  lease_one();
  catalog_->session() << "set lock_timeout = '1ms'";
  const auto other = catalog_->another();
  Transaction transaction(other->session(), Dialect::postgresql, Access::write);
  other->session() << "update images set title = 'held'";
  EXPECT_THROW(images_->take_back_all(std::nullopt, now_), CatalogUnavailable);
}

}  // namespace
}  // namespace creel

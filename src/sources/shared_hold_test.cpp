#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sources/scheduler_fixture.h"
#include "support/postgres_cluster.h"

namespace creel {
namespace {

using namespace std::chrono_literals;
using enum SourceState;
using ::testing::HasSubstr;
using testing::SchedulerFixture;

/// What a host has said to one poll holds for the polls of other sources, after a restart, and for other programs.
class SharedHoldTest : public SchedulerFixture {
 protected:
  /// A poll by `backend` to which the host says that it must be left alone.
  SourceId poll_refused(testing::Backend& backend, std::string account = "") {
    scripts_["refused"].holds_back =
        PollHold{.url = kUrl, .account = std::move(account), .wait = 600s, .reason = "over capacity"};
    scripts_["refused"].failure = Failure(FailureKind::rate_limited, "over capacity", 600s);
    const auto id = add(backend, "refused");
    until_state(id, blocked);
    return id;
  }

  /// Lets a source ask the host, and waits until its poll is over.
  SourceId poll(testing::Backend& backend, const std::string& name, std::string account = "") {
    scripts_[name].fetches = kUrl;
    scripts_[name].account = std::move(account);
    const auto id = add(backend, name);
    until([&] { return status(id).last_poll && status(id).state != fetching; });
    return id;
  }

  void expect_left_alone(SourceId id) {
    EXPECT_EQ(status(id).state, blocked);
    EXPECT_EQ(status(id).failed_polls, 0);
    EXPECT_GE(status(id).blocked_until, clock_.now() + 600s);
    EXPECT_THAT(status(id).reason, HasSubstr("api.example is left alone for now: over capacity"));
  }
  /// The host is not there, but it was asked for.
  void expect_asked(SourceId id) { EXPECT_THAT(status(id).reason, HasSubstr("dns")); }

  static constexpr const char* kUrl = "https://api.example/3";
};

INSTANTIATE_TEST_SUITE_P(Databases, SharedHoldTest, ::testing::Values(kSqlite, kPostgresql),
                         [](const auto& info) { return info.param.name; });

TEST_P(SharedHoldTest, HoldsBackOtherSourcesOfTheHost) {
  auto& backend = run_backend();
  poll_refused(backend);
  expect_left_alone(poll(backend, "other"));
}

TEST_P(SharedHoldTest, OutlivesAProgramThatIsKilled) {
  auto& killed = run_backend();
  poll_refused(killed);
  killed.is_killed = true;
  auto& anew = run_backend();
  expect_left_alone(poll(anew, "other"));
}

TEST_P(SharedHoldTest, HoldsForAProgramThatRunsAlready) {
  auto& one = run_backend("one");
  auto& two = run_backend("two");
  expect_asked(poll(two, "before"));
  poll_refused(one);
  expect_left_alone(poll(two, "after"));
}

TEST_P(SharedHoldTest, HoldsForTheAccountThatItIsMeantFor) {
  auto& killed = run_backend();
  poll_refused(killed, "mine");
  killed.is_killed = true;
  auto& anew = run_backend();
  expect_left_alone(poll(anew, "same", "mine"));
  expect_asked(poll(anew, "another", "yours"));
}

TEST_P(SharedHoldTest, EndsWhenItsTimeHasCome) {
  auto& backend = run_backend();
  poll_refused(backend);
  scripts_["refused"].holds_back.reset();
  clock_.advance(600s);
  expect_asked(poll(backend, "other"));
}

TEST_P(SharedHoldTest, HoldsForPreviewsToo) {
  auto& one = run_backend("one");
  poll_refused(one);
  auto& two = run_backend("two");
  scripts_["preview"].fetches = kUrl;
  const auto preview = call(two, two.scheduler.test(definition("preview"), 1));
  EXPECT_EQ(preview.failure.value().kind(), FailureKind::rate_limited);
}

class SharedHoldOutageTest : public SharedHoldTest {};

INSTANTIATE_TEST_SUITE_P(Databases, SharedHoldOutageTest, ::testing::Values(kPostgresql),
                         [](const auto& info) { return info.param.name; });

TEST_P(SharedHoldOutageTest, IsKeptWhenTheCatalogIsBack) {
  auto& one = run_backend("one");
  auto& cluster = PostgresCluster::shared();
  cluster.stop();
  // A preview writes nothing by itself.
  scripts_["preview"].holds_back = PollHold{.url = kUrl, .wait = 600s, .reason = "over capacity"};
  call(one, one.scheduler.test(definition("preview"), 1));
  cluster.start();
  const std::vector<std::string> host{"api.example"};
  until([&] {
    try {
      return !sources_.blocks(host, clock_.now()).empty();
    } catch (const CatalogUnavailable&) {
      return false;
    }
  });
}

TEST_P(SharedHoldOutageTest, DoesNotKeepAPreviewFromAskingWhileTheCatalogIsAway) {
  auto& backend = run_backend();
  auto& cluster = PostgresCluster::shared();
  cluster.stop();
  scripts_["preview"].fetches = kUrl;
  const auto preview = call(backend, backend.scheduler.test(definition("preview"), 1));
  cluster.start();
  EXPECT_EQ(preview.failure.value().kind(), FailureKind::dns);
}

}  // namespace
}  // namespace creel

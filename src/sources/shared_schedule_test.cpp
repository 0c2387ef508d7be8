#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sources/scheduler_fixture.h"
#include "support/postgres_cluster.h"

namespace creel {
namespace {

using namespace std::chrono_literals;
using enum SourceState;
using ::testing::ElementsAre;
using testing::SchedulerFixture;

/// Two programs on one catalog, programs that are killed, and a catalog that goes away.
class SharedScheduleTest : public SchedulerFixture {};

INSTANTIATE_TEST_SUITE_P(Databases, SharedScheduleTest, ::testing::Values(kSqlite, kPostgresql),
                         [](const auto& info) { return info.param.name; });

TEST_P(SharedScheduleTest, ASourceIsPolledByOneAtATime) {
  auto& one = run_backend("one");
  auto& two = run_backend("two");
  std::vector<SourceId> ids;
  for (int i = 0; i < 8; ++i) {
    const auto name = "s" + std::to_string(i);
    scripts_[name].records = {image(name)};
    ids.push_back(add(i % 2 == 0 ? one : two, name));
  }
  for (int round = 1; round <= 3; ++round) {
    until([&] { return one.heard.polls.size() + two.heard.polls.size() >= 8U * static_cast<unsigned>(round); });
    clock_.advance(1h);
  }
  until([&] { return one.heard.polls.size() + two.heard.polls.size() >= 32U; });
  for (const auto& [name, script] : scripts_) {
    EXPECT_EQ(script.most_under_way, 1) << name;
    EXPECT_EQ(script.polls, 4) << name;
  }
}

TEST_P(SharedScheduleTest, AStopByAnotherProgramIsSeenAtTheNextRenewal) {
  auto& one = run_backend("one");
  scripts_["a"].holds = true;
  const auto id = add(one, "a");
  until_held("a");
  auto& two = make_backend("two");
  EXPECT_EQ(call(two, two.scheduler.stop(id)).value().status.state, stopping);
  clock_.advance(10s);
  until_state(id, stopped);
  EXPECT_EQ(scripts_["a"].under_way, 0);
}

TEST_P(SharedScheduleTest, AChangeOrRemovalByAnotherProgramEndsThePoll) {
  auto& one = run_backend("one");
  scripts_["a"].holds = scripts_["b"].holds = true;
  const auto changed = add(one, "a");
  const auto removed = add(one, "b");
  until_held("a");
  until_held("b");
  auto& two = make_backend("two");
  auto moved = definition("a");
  moved.url = "https://b.example/";
  call(two, two.scheduler.change(changed, moved));
  call(two, two.scheduler.remove(removed));
  clock_.advance(10s);
  until_polled("a", 2);
  until([&] { return scripts_["b"].under_way == 0; });
  EXPECT_EQ(scripts_["a"].urls.at(1), "https://b.example/");
}

TEST_P(SharedScheduleTest, APollOfAProgramThatWasKilledIsTakenUpWhenItsLeaseRunsOut) {
  auto& one = run_backend("one");
  scripts_["a"].records = {image("1")};
  scripts_["a"].holds = true;
  const auto id = add(one, "a");
  until_held("a");
  one.is_killed = true;

  scripts_["a"].holds = false;
  auto& two = run_backend("two");
  clock_.advance(29s);
  add(two, "due now");
  until_polled("due now", 1);
  EXPECT_EQ(scripts_["a"].polls, 1);
  clock_.advance(1s);
  until_polled("a", 2);
  until_state(id, idle);
  EXPECT_EQ(two.heard.images, 0U) << "what the first one found is in the catalog already";
}

TEST_P(SharedScheduleTest, ASourceThatAKilledProgramWasStoppingIsStopped) {
  auto& one = run_backend("one");
  scripts_["a"].holds = true;
  const auto id = add(one, "a");
  until_held("a");
  one.is_killed = true;
  auto& two = run_backend("two");
  call(two, two.scheduler.stop(id));
  clock_.advance(30s);
  until_state(id, stopped);
  EXPECT_EQ(scripts_["a"].polls, 1);
}

TEST_P(SharedScheduleTest, AnUnbrokenPollKeepsItsLeaseHoweverLongItTakes) {
  auto& one = run_backend("one");
  run_backend("two");
  scripts_["a"].holds = true;
  const auto id = add(one, "a");
  until_held("a");
  for (int i = 0; i < 12; ++i) {
    clock_.advance(10s);
    until([&] { return sources_.find(id).value().lease_until == clock_.now() + 30s; });
  }
  EXPECT_EQ(scripts_["a"].polls, 1);
  release("a");
  until_state(id, idle);
}

TEST_P(SharedScheduleTest, AProgramThatSleptThroughItsLeaseLeavesThePollToTheOther) {
  auto& one = run_backend("one");
  scripts_["a"].records = {image("1")};
  scripts_["a"].holds = true;
  const auto id = add(one, "a");
  until_held("a");
  const auto first = scripts_["a"].held;
  one.is_killed = true;
  clock_.advance(30s);
  auto& two = run_backend("two");
  until_polled("a", 2);
  until([&] { return scripts_["a"].held != first; });

  one.is_killed = false;
  until([&] { return one.scheduler.polls_under_way() == 0; });
  EXPECT_EQ(sources_.find(id).value().lease_owner, "two");
  release("a");
  until_state(id, idle);
  until([&] { return two.heard.polls.size() == 1; });
}

class CatalogAwayTest : public SchedulerFixture {};

INSTANTIATE_TEST_SUITE_P(Databases, CatalogAwayTest, ::testing::Values(kPostgresql),
                         [](const auto& info) { return info.param.name; });

TEST_P(CatalogAwayTest, APollThatEndsMeanwhileIsWrittenLater) {
  auto& backend = run_backend();
  scripts_["a"].records = {image("1")};
  scripts_["a"].holds = true;
  const auto id = add(backend, "a");
  until_held("a");
  auto& cluster = PostgresCluster::shared();
  cluster.stop();
  release("a");
  until([&] { return scripts_["a"].under_way == 0; });
  cluster.start();
  until([&] { return backend.heard.polls.size() == 1; });
  until_state(id, idle);
  EXPECT_EQ(scripts_["a"].polls, 1);
  EXPECT_EQ(backend.heard.polls.at(0).added, 1U);
}

TEST_P(CatalogAwayTest, PollsGoOnWhenItIsBack) {
  auto& backend = run_backend();
  const auto id = add(backend, "a");
  until([&] { return backend.heard.polls.size() == 1; });
  auto& cluster = PostgresCluster::shared();
  cluster.stop();
  EXPECT_THROW(call(backend, backend.scheduler.fetch(id)), CatalogUnavailable);
  clock_.advance(1h);
  cluster.start();
  until_polled("a", 2);
  until_state(id, idle);
}

}  // namespace
}  // namespace creel

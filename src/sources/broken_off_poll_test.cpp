#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sources/scheduler_fixture.h"

namespace creel {
namespace {

using namespace std::chrono_literals;
using enum SourceState;
using ::testing::ElementsAre;
using testing::SchedulerFixture;

/// A source that a poll has gone over to its end, and whose next poll breaks off in one way or another.
class BrokenOffPollTest : public SchedulerFixture {
 protected:
  /// A poll that ends well, and remembers that it was whole.
  SourceId poll_whole(testing::Backend& backend) {
    scripts_["a"].records = {image("1")};
    scripts_["a"].remembers = "whole:0123abcd";
    const auto id = add(backend, "a");
    until([&] { return backend.heard.polls.size() == 1; });
    return id;
  }

  /// Begins the next poll, which adds `images` and then waits.
  void begin_poll(testing::Backend& backend, SourceId id, std::vector<ImageRecord> images) {
    scripts_["a"].records = std::move(images);
    scripts_["a"].holds = true;
    call(backend, backend.scheduler.fetch(id));
    until_held("a");
  }

  void go_on() {
    scripts_["a"].holds = false;
    scripts_["a"].failure.reset();
  }
};

INSTANTIATE_TEST_SUITE_P(Databases, BrokenOffPollTest, ::testing::Values(kSqlite, kPostgresql),
                         [](const auto& info) { return info.param.name; });

TEST_P(BrokenOffPollTest, IsFollowedByAWholeOneWhenItFails) {
  auto& backend = run_backend();
  const auto id = poll_whole(backend);
  scripts_["a"].records = {image("2")};
  scripts_["a"].failure = Failure(FailureKind::server_error, "500");
  for (std::size_t polls = 2; polls <= 3; ++polls) {
    call(backend, backend.scheduler.fetch(id));
    until([&] { return backend.heard.polls.size() == polls; });
  }
  go_on();
  for (std::size_t polls = 4; polls <= 5; ++polls) {
    call(backend, backend.scheduler.fetch(id));
    until([&] { return backend.heard.polls.size() == polls; });
  }
  EXPECT_THAT(scripts_["a"].memories,
              ElementsAre("", "whole:0123abcd", "seen:0123abcd", "seen:0123abcd", "whole:0123abcd"));
}

TEST_P(BrokenOffPollTest, ChangesNothingIfItHadAddedNothing) {
  auto& backend = run_backend();
  const auto id = poll_whole(backend);
  scripts_["a"].failure = Failure(FailureKind::server_error, "500");
  for (std::size_t polls = 2; polls <= 3; ++polls) {
    call(backend, backend.scheduler.fetch(id));
    until([&] { return backend.heard.polls.size() == polls; });
  }
  EXPECT_THAT(scripts_["a"].memories, ElementsAre("", "whole:0123abcd", "whole:0123abcd"));
}

TEST_P(BrokenOffPollTest, IsFollowedByAWholeOneWhenItsSourceIsStopped) {
  auto& backend = run_backend();
  const auto id = poll_whole(backend);
  begin_poll(backend, id, {image("2")});
  call(backend, backend.scheduler.stop(id));
  until_state(id, stopped);
  go_on();
  call(backend, backend.scheduler.start(id));
  until_polled("a", 3);
  EXPECT_EQ(scripts_["a"].memories.back(), "seen:0123abcd");
}

TEST_P(BrokenOffPollTest, IsFollowedByAWholeOneWhenTheProgramEnds) {
  auto& first = run_backend("first");
  const auto id = poll_whole(first);
  begin_poll(first, id, {image("2")});
  stop(first);
  go_on();
  run_backend("second");
  until_polled("a", 3);
  EXPECT_EQ(scripts_["a"].memories.back(), "seen:0123abcd");
}

TEST_P(BrokenOffPollTest, IsFollowedByAWholeOneWhenItsLeaseIsLost) {
  auto& one = run_backend("one");
  const auto id = poll_whole(one);
  begin_poll(one, id, {image("2")});
  const auto first = scripts_["a"].held;
  one.is_killed = true;
  clock_.advance(30s);
  auto& two = run_backend("two");
  until([&] { return scripts_["a"].held != first; });
  one.is_killed = false;
  until([&] { return one.scheduler.polls_under_way() == 0; });
  EXPECT_EQ(scripts_["a"].memories.back(), "seen:0123abcd");
  release("a");
  until([&] { return two.heard.polls.size() == 1; });
  call(two, two.scheduler.fetch(id));
  until_polled("a", 4);
  EXPECT_EQ(scripts_["a"].memories.back(), "whole:0123abcd");
}

TEST_P(BrokenOffPollTest, IsFollowedByAWholeOneWhenTheProgramIsKilledAndStartedAnew) {
  auto& killed = run_backend("me");
  const auto id = poll_whole(killed);
  begin_poll(killed, id, {image("2")});
  killed.is_killed = true;
  EXPECT_EQ(status(id).state, fetching);
  go_on();
  auto& anew = run_backend("me");
  clock_.advance(30s);
  until([&] { return anew.heard.polls.size() == 1; });
  EXPECT_EQ(scripts_["a"].memories.back(), "seen:0123abcd");
}

TEST_P(BrokenOffPollTest, IsFollowedByAWholeOneHoweverOftenTheProgramIsKilled) {
  auto* backend = &run_backend("me");
  const auto id = poll_whole(*backend);
  begin_poll(*backend, id, {image("2")});
  for (int kill = 1; kill <= 2; ++kill) {
    backend->is_killed = true;
    const auto last = scripts_["a"].held;
    clock_.advance(30s);
    backend = &run_backend("me");
    until([&] { return scripts_["a"].held != last; });
    EXPECT_EQ(scripts_["a"].memories.back(), "seen:0123abcd") << kill;
  }
  release("a");
  until_state(id, idle);
}

}  // namespace
}  // namespace creel

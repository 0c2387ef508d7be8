#include "sources/source_state.h"

#include <array>
#include <map>

#include <gtest/gtest.h>

namespace creel {
namespace {

using namespace std::chrono_literals;
using enum SourceState;
using enum SourceAction;
using enum SourceEffect;

constexpr SystemTime kNow{1'700'000'000s};
constexpr std::array kStates = {stopped, idle, fetching, blocked, stopping};
constexpr std::array kActions = {start, stop, fetch, done, cease, block_until, wake};

SourceStatus status_in(SourceState state) {
  SourceStatus status;
  status.state = state;
  if (state == idle || state == blocked || state == fetching || state == stopping) status.next_poll = kNow;
  if (state == blocked) status.blocked_until = kNow;
  return status;
}

SourceEvent event(SourceAction action) {
  return {.action = action, .now = kNow, .reason = "why", .until = kNow + 3h, .next_poll = kNow + 1h};
}

struct Expected {
  SourceState state;
  SourceEffect effect = none;
};

/// What is not in here is refused.
const std::map<std::pair<SourceState, SourceAction>, Expected> kTransitions = {
    {{stopped, start}, {idle}},
    {{stopped, fetch}, {fetching, begin_poll}},
    {{idle, stop}, {stopped}},
    {{idle, fetch}, {fetching, begin_poll}},
    {{idle, wake}, {fetching, begin_poll}},
    {{fetching, stop}, {stopping, cancel_poll}},
    {{fetching, done}, {idle}},
    {{fetching, cease}, {stopped}},
    {{fetching, block_until}, {blocked}},
    {{blocked, stop}, {stopped}},
    {{blocked, fetch}, {fetching, begin_poll}},
    {{blocked, wake}, {fetching, begin_poll}},
    {{stopping, start}, {fetching}},
    {{stopping, done}, {stopped}},
    {{stopping, cease}, {stopped}},
    {{stopping, block_until}, {stopped}},
};

TEST(SourceState, EveryActionInEveryStateLeadsWhereTheTableSays) {
  for (const auto state : kStates) {
    for (const auto action : kActions) {
      SCOPED_TRACE(std::string(to_string(state)) + " " + std::string(to_string(action)));
      const auto status = status_in(state);
      const auto next = next_status(status, event(action));
      const auto expected = kTransitions.find({state, action});
      if (expected == kTransitions.end()) {
        EXPECT_NE(next.refused, "");
        EXPECT_EQ(next.status.state, state);
        EXPECT_EQ(next.effect, none);
      } else {
        EXPECT_EQ(next.refused, "");
        EXPECT_EQ(next.status.state, expected->second.state);
        EXPECT_EQ(next.effect, expected->second.effect);
      }
    }
  }
}

TEST(SourceState, ALostPollIsRetakenOrGivenUpInEveryState) {
  auto lost = event(wake);
  lost.poll_was_lost = true;
  for (const auto state : {fetching, stopping}) {
    const auto next = next_status(status_in(state), lost);
    EXPECT_EQ(next.refused, "");
    EXPECT_EQ(next.status.state, state == fetching ? fetching : stopped);
    EXPECT_EQ(next.effect, state == fetching ? begin_poll : none);
  }
  EXPECT_NE(next_status(status_in(stopped), lost).refused, "");
}

TEST(SourceState, ASourceThatRunsKnowsItsNextPollAndAStoppedOneHasNone) {
  for (const auto state : kStates) {
    for (const auto action : kActions) {
      const auto next = next_status(status_in(state), event(action));
      if (!next.refused.empty()) continue;
      SCOPED_TRACE(std::string(to_string(state)) + " " + std::string(to_string(action)));
      const auto& after = next.status;
      EXPECT_EQ(after.next_poll.has_value(), after.state != stopped);
      EXPECT_EQ(after.state == blocked && !after.blocked_until, false);
      EXPECT_EQ(after.stop_after_poll, state == stopped && action == fetch);
    }
  }
}

TEST(SourceState, AStartedSourceIsPolledAtOnce) {
  auto status = status_in(stopped);
  status.reason = "bad_auth: refused";
  status.failed_polls = 4;
  const auto next = next_status(status, event(start)).status;
  EXPECT_EQ(next.next_poll, kNow);
  EXPECT_EQ(next.reason, "");
  EXPECT_EQ(next.failed_polls, 0);
}

TEST(SourceState, StoppingDoesNotEndAWaitThatAPeerAskedFor) {
  auto status = status_in(blocked);
  status.blocked_until = kNow + 1h;
  status.next_poll = kNow + 1h;
  status.reason = "rate_limited: slow down";
  const auto halted = next_status(status, event(stop)).status;
  EXPECT_EQ(halted.next_poll, std::nullopt);

  const auto again = next_status(halted, event(start)).status;
  EXPECT_EQ(again.state, blocked);
  EXPECT_EQ(again.next_poll, kNow + 1h);
  EXPECT_EQ(again.reason, "rate_limited: slow down");

  auto later = event(start);
  later.now = kNow + 1h;
  EXPECT_EQ(next_status(halted, later).status.state, idle);
}

TEST(SourceState, APollBeginsWithTheNextOnePlanned) {
  for (const auto action : {wake, fetch}) {
    const auto next = next_status(status_in(idle), event(action)).status;
    EXPECT_EQ(next.last_poll, kNow);
    EXPECT_EQ(next.next_poll, kNow + 1h);
    EXPECT_FALSE(next.stop_after_poll);
  }
}

TEST(SourceState, NothingIsPolledBeforeItsTimeUnlessItsUserWantsIt) {
  for (const auto state : {idle, blocked}) {
    auto status = status_in(state);
    status.next_poll = kNow + 1ms;
    EXPECT_NE(next_status(status, event(wake)).refused, "");
    EXPECT_EQ(next_status(status, event(fetch)).status.state, fetching);
  }
}

TEST(SourceState, AStoppedSourceThatIsFetchedIsStoppedAfterwards) {
  const auto once = next_status(status_in(stopped), event(fetch)).status;
  EXPECT_TRUE(once.stop_after_poll);
  for (const auto action : {done, cease, block_until}) {
    const auto after = next_status(once, event(action)).status;
    EXPECT_EQ(after.state, stopped);
    EXPECT_FALSE(after.stop_after_poll);
    EXPECT_EQ(after.next_poll, std::nullopt);
  }
  auto lost = event(wake);
  lost.poll_was_lost = true;
  EXPECT_TRUE(next_status(once, lost).status.stop_after_poll);
}

TEST(SourceState, ASourceThatIsStartedWhilePolledOnceGoesOn) {
  const auto once = next_status(status_in(stopped), event(fetch)).status;
  const auto running = next_status(once, event(start));
  EXPECT_EQ(running.refused, "");
  EXPECT_EQ(running.effect, none);
  EXPECT_EQ(next_status(running.status, event(done)).status.state, idle);
}

TEST(SourceState, ASourceThatIsStartedWhileStoppingGoesOn) {
  const auto halting = next_status(status_in(fetching), event(stop)).status;
  const auto going_on = next_status(halting, event(start)).status;
  auto cut_off = event(done);
  cut_off.end = PollEnd::cut_off;
  cut_off.next_poll = kNow;
  const auto after = next_status(going_on, cut_off).status;
  EXPECT_EQ(after.state, idle);
  EXPECT_EQ(after.next_poll, kNow);
}

TEST(SourceState, FailuresAreNotedAndCountedUntilAPollEndsWell) {
  auto badly = event(done);
  badly.end = PollEnd::badly;
  auto status = next_status(status_in(fetching), badly).status;
  EXPECT_EQ(status.reason, "why");
  EXPECT_EQ(status.failed_polls, 1);

  status.state = fetching;
  auto cut_off = event(done);
  cut_off.end = PollEnd::cut_off;
  EXPECT_EQ(next_status(status, cut_off).status.failed_polls, 1);
  const auto well = next_status(status, event(done)).status;
  EXPECT_EQ(well.failed_polls, 0);
  EXPECT_EQ(well.reason, "");
}

TEST(SourceState, SaysWhyASourceCeasedOrIsBlocked) {
  EXPECT_EQ(next_status(status_in(fetching), event(cease)).status.reason, "why");
  const auto waits = next_status(status_in(fetching), event(block_until)).status;
  EXPECT_EQ(waits.reason, "why");
  EXPECT_EQ(waits.blocked_until, kNow + 3h);
  EXPECT_EQ(waits.next_poll, kNow + 3h);
}

TEST(SourceState, OnlyARefusalOfItsOwnCountsAsAFailedPoll) {
  auto refused = event(block_until);
  refused.end = PollEnd::badly;
  EXPECT_EQ(next_status(status_in(fetching), refused).status.failed_polls, 1);
  auto unasked = event(block_until);
  unasked.end = PollEnd::cut_off;
  EXPECT_EQ(next_status(status_in(fetching), unasked).status.failed_polls, 0);
  EXPECT_EQ(next_status(status_in(fetching), unasked).status.reason, "why");
}

}  // namespace
}  // namespace creel

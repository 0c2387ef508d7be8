#include "sources/scheduler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "catalog/image_library.h"
#include "sources/scheduler_fixture.h"

namespace creel {
namespace {

using namespace std::chrono_literals;
using enum SourceState;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::SchedulerFixture;
using ::testing::SizeIs;

class SchedulerTest : public SchedulerFixture {};

INSTANTIATE_TEST_SUITE_P(Databases, SchedulerTest, ::testing::Values(kSqlite, kPostgresql),
                         [](const auto& info) { return info.param.name; });

TEST_P(SchedulerTest, AddsWhatAPollFindsAndPlansTheNextOne) {
  auto& backend = run_backend();
  scripts_["a"].records = {image("1"), image("2"), image("1")};
  const auto id = add(backend, "a");
  until_state(id, idle);
  until([&] { return !backend.heard.polls.empty(); });

  EXPECT_EQ(status(id).next_poll, clock_.now() + 1h);
  EXPECT_EQ(status(id).last_poll, clock_.now());
  EXPECT_EQ(sources_.find(id).value().lease_until, std::nullopt);
  EXPECT_EQ(backend.heard.images, 2U);
  EXPECT_EQ(backend.heard.polls.at(0).added, 2U);
  EXPECT_EQ(sources_.polls(id, 10).at(0).found, 2U);
  EXPECT_THAT(backend.heard.states["a"], ElementsAre(idle, fetching, idle));
}

TEST_P(SchedulerTest, ASecondPollAddsNothingAndCountsWhatIsKnown) {
  auto& backend = run_backend();
  scripts_["a"].records = {image("1"), image("2")};
  const auto id = add(backend, "a");
  until([&] { return backend.heard.polls.size() == 1; });
  scripts_["a"].records.insert(scripts_["a"].records.begin(), image("3"));
  clock_.advance(1h);
  until([&] { return backend.heard.polls.size() == 2; });

  EXPECT_EQ(scripts_["a"].added.at(1).new_images, 1U);
  EXPECT_EQ(scripts_["a"].added.at(1).known_in_a_row, 2U);
  EXPECT_EQ(sources_.polls(id, 1).at(0).added, 1U);
}

TEST_P(SchedulerTest, RecordsThatCannotBeUsedAreLeftOut) {
  auto& backend = run_backend();
  scripts_["a"].records = {image("1"), ImageRecord{}, image("2")};
  add(backend, "a");
  until([&] { return !backend.heard.polls.empty(); });
  EXPECT_EQ(backend.heard.polls.at(0).added, 2U);
  EXPECT_EQ(backend.heard.polls.at(0).failure, std::nullopt);
}

TEST_P(SchedulerTest, NothingIsPolledBeforeItsTimeAlsoAfterARestart) {
  auto& first = run_backend();
  const auto id = add(first, "a");
  until_polled("a", 1);
  until_state(id, idle);
  stop(first);
  clock_.advance(1h - 1s);

  auto& second = run_backend();
  add(second, "due now");
  until_polled("due now", 1);
  EXPECT_EQ(scripts_["a"].polls, 1);
  clock_.advance(1s);
  until_polled("a", 2);
}

TEST_P(SchedulerTest, AStopEndsThePollAtOnceAndLeavesWhatWasFound) {
  auto& backend = run_backend();
  scripts_["a"].records = {image("1")};
  scripts_["a"].holds = true;
  const auto id = add(backend, "a");
  until_held("a");

  EXPECT_EQ(call(backend, backend.scheduler.stop(id)).value().status.state, stopping);
  until_state(id, stopped);

  EXPECT_EQ(scripts_["a"].under_way, 0);
  EXPECT_EQ(backend.heard.images, 1U);
  EXPECT_EQ(sources_.polls(id, 1).at(0).failure.value().kind, FailureKind::cancelled);
  EXPECT_EQ(status(id).reason, "");
}

TEST_P(SchedulerTest, AStopThatAnotherProgramWasAskedForIsNoticedWithTheNextRenewal) {
  renewal_ = std::chrono::seconds(1);
  auto& backend = run_backend();
  scripts_["a"].records = {image("1")};
  scripts_["a"].holds = true;
  const auto id = add(backend, "a");
  until_held("a");
  auto& other = make_backend("other");
  call(other, other.scheduler.stop(id));
  EXPECT_EQ(scripts_["a"].under_way, 1);
  clock_.advance(std::chrono::seconds(1));
  until_state(id, stopped);
  EXPECT_EQ(scripts_["a"].under_way, 0);
}

TEST_P(SchedulerTest, AStartWhileStoppingGoesOnWithANewPoll) {
  auto& backend = run_backend();
  scripts_["a"].holds = true;
  const auto id = add(backend, "a");
  until_held("a");
  testing::Started<std::optional<SourceRecord>> stop(backend.loop, backend.scheduler.stop(id));
  testing::Started<std::optional<SourceRecord>> start(backend.loop, backend.scheduler.start(id));
  until([&] { return stop.done() && start.done(); });
  EXPECT_EQ(start.value().value().status.state, fetching);
  until_polled("a", 2);
  release("a");
  until_state(id, idle);
}

TEST_P(SchedulerTest, AStoppedSourceIsPolledOnceByFetch) {
  auto& backend = run_backend();
  const auto id = add(backend, "a", false);
  EXPECT_EQ(call(backend, backend.scheduler.fetch(id)).value().status.state, fetching);
  until_state(id, stopped);
  EXPECT_EQ(scripts_["a"].polls, 1);

  clock_.advance(24h);
  add(backend, "due now");
  until_polled("due now", 1);
  EXPECT_EQ(scripts_["a"].polls, 1);
}

TEST_P(SchedulerTest, ARunningOrBlockedSourceIsPolledNowByFetch) {
  auto& backend = run_backend();
  const auto id = add(backend, "a");
  until([&] { return backend.heard.polls.size() == 1; });
  scripts_["a"].failure = Failure(FailureKind::rate_limited, "slow down", 600s);
  call(backend, backend.scheduler.fetch(id));
  until_state(id, blocked);
  EXPECT_EQ(status(id).blocked_until, clock_.now() + 600s);
  EXPECT_THAT(status(id).reason, HasSubstr("slow down"));

  scripts_["a"].failure.reset();
  call(backend, backend.scheduler.fetch(id));
  until_state(id, idle);
  EXPECT_EQ(status(id).reason, "");
  EXPECT_EQ(status(id).blocked_until, std::nullopt);
}

TEST_P(SchedulerTest, ABlockedSourceIsPolledAgainWhenItsTimeHasCome) {
  auto& backend = run_backend();
  scripts_["a"].failure = Failure(FailureKind::rate_limited, "slow down");
  const auto id = add(backend, "a");
  until_state(id, blocked);
  scripts_["a"].failure.reset();
  clock_.advance(3h);
  until_state(id, idle);
}

TEST_P(SchedulerTest, ASourceThatRecoversIsPolledByItsIntervalAgain) {
  auto& backend = run_backend();
  scripts_["a"].failure = Failure(FailureKind::timeout, "too slow");
  const auto id = add(backend, "a");
  for (int failed = 1; failed <= 4; ++failed) {
    until([&] { return status(id).failed_polls == failed && status(id).state == idle; });
    if (failed == 4) scripts_["a"].failure.reset();
    clock_.advance(24h);
  }
  until([&] { return status(id).failed_polls == 0 && status(id).state == idle; });
  EXPECT_EQ(status(id).next_poll, clock_.now() + 1h);
}

TEST_P(SchedulerTest, ASourceWhoseHostIsLeftAloneWaitsAndHasNotFailed) {
  auto& backend = run_backend();
  for (const auto* name : {"a", "b", "c"}) {
    scripts_[name].fetches = "https://down.example/";
    const auto id = add(backend, name);
    until([&] { return status(id).failed_polls == 1; });
  }
  scripts_["innocent"].fetches = "https://down.example/feed";
  const auto id = add(backend, "innocent");
  until_state(id, blocked);
  EXPECT_EQ(status(id).failed_polls, 0);
  EXPECT_GT(status(id).blocked_until, clock_.now());
  EXPECT_THAT(status(id).reason, HasSubstr("down.example is left alone for now"));
  EXPECT_EQ(sources_.polls(id, 1).at(0).failure.value().kind, FailureKind::cancelled);
}

TEST_P(SchedulerTest, ABlockedSourceThatIsPointedElsewhereIsPolledAtOnce) {
  auto& backend = run_backend();
  scripts_["a"].failure = Failure(FailureKind::rate_limited, "slow down", 600s);
  const auto id = add(backend, "a");
  until_state(id, blocked);
  const auto slower = call(backend, backend.scheduler.change(id, definition("a", 2h))).value().status;
  EXPECT_EQ(slower.next_poll, clock_.now() + 600s);
  scripts_["a"].failure.reset();
  auto elsewhere = definition("a");
  elsewhere.url = "https://b.example/";
  const auto freed = call(backend, backend.scheduler.change(id, elsewhere)).value().status;
  EXPECT_EQ(freed.state, idle);
  EXPECT_EQ(freed.next_poll, clock_.now());
  EXPECT_EQ(freed.blocked_until, std::nullopt);
  EXPECT_EQ(freed.reason, "");
  until_polled("a", 2);
}

TEST_P(SchedulerTest, AStoppedSourceThatIsPointedElsewhereDoesNotWaitWhenStarted) {
  auto& backend = run_backend();
  scripts_["a"].failure = Failure(FailureKind::rate_limited, "slow down", 600s);
  const auto id = add(backend, "a");
  until_state(id, blocked);
  call(backend, backend.scheduler.stop(id));
  auto elsewhere = definition("a");
  elsewhere.url = "https://b.example/";
  EXPECT_EQ(call(backend, backend.scheduler.change(id, elsewhere)).value().status.state, stopped);
  EXPECT_EQ(call(backend, backend.scheduler.start(id)).value().status.state, idle);
}

TEST_P(SchedulerTest, WhatTheStateForbidsIsRefusedWithTheReason) {
  auto& backend = run_backend();
  const auto id = add(backend, "a", false);
  EXPECT_THROW(call(backend, backend.scheduler.stop(id)), ActionRefused);
  call(backend, backend.scheduler.start(id));
  EXPECT_THROW(call(backend, backend.scheduler.start(id)), ActionRefused);
  EXPECT_FALSE(call(backend, backend.scheduler.start(SourceId{999})).has_value());
}

TEST_P(SchedulerTest, SourcesThatAreNeverPolledCannotBeStarted) {
  auto& backend = run_backend();
  SourceDefinition by_hand;
  by_hand.name = "mine";
  by_hand.type = "direct";
  EXPECT_THROW(call(backend, backend.scheduler.add(by_hand, true)), ActionRefused);
  const auto id = call(backend, backend.scheduler.add(by_hand, false)).id;
  EXPECT_THROW(call(backend, backend.scheduler.fetch(id)), ActionRefused);
}

TEST_P(SchedulerTest, ARefusedLoginStopsTheSourceAndOtherFailuresDoNot) {
  auto& backend = run_backend();
  scripts_["auth"].failure = Failure(FailureKind::bad_auth, "no such client");
  scripts_["gone"].failure = Failure(FailureKind::not_found, "404");
  const auto refused = add(backend, "auth");
  const auto missing = add(backend, "gone");
  until_state(refused, stopped);
  until([&] { return status(missing).failed_polls == 1 && status(missing).state == idle; });

  EXPECT_EQ(status(refused).reason, "bad_auth: no such client");
  EXPECT_EQ(status(missing).reason, "not_found: 404");
  EXPECT_EQ(status(missing).next_poll, clock_.now() + 2h);
  EXPECT_EQ(sources_.polls(missing, 1).at(0).failure.value().kind, FailureKind::not_found);
}

TEST_P(SchedulerTest, AKindOfSourceThatIsNotThereAnyMoreIsAFailureOfThePoll) {
  auto& backend = run_backend();
  auto strange = definition("a");
  strange.type = "withdrawn";
  const auto id = call(backend, backend.scheduler.add(strange, true)).id;
  until([&] { return status(id).failed_polls == 1; });
  EXPECT_THAT(status(id).reason, HasSubstr("'withdrawn'"));
}

TEST_P(SchedulerTest, WhatAPollRemembersIsKeptOnlyIfItEndsWell) {
  auto& backend = run_backend();
  scripts_["a"].remembers = "cursor 1";
  const auto id = add(backend, "a");
  until([&] { return backend.heard.polls.size() == 1; });
  scripts_["a"].remembers = "cursor 2";
  scripts_["a"].failure = Failure(FailureKind::server_error, "500");
  call(backend, backend.scheduler.fetch(id));
  until([&] { return backend.heard.polls.size() == 2; });
  call(backend, backend.scheduler.fetch(id));
  until_polled("a", 3);
  EXPECT_THAT(scripts_["a"].memories, ElementsAre("", "cursor 1", "cursor 1"));
}

TEST_P(SchedulerTest, AChangeEndsThePollAndBeginsAnewByTheNewSettings) {
  auto& backend = run_backend();
  scripts_["a"].holds = true;
  const auto id = add(backend, "a");
  until_held("a");
  auto changed = definition("a");
  changed.url = "https://b.example/";
  call(backend, backend.scheduler.change(id, changed));
  until_polled("a", 2);
  EXPECT_EQ(scripts_["a"].urls.at(1), "https://b.example/");
  EXPECT_EQ(scripts_["a"].most_under_way, 1);
  release("a");
  until_state(id, idle);
}

TEST_P(SchedulerTest, ANewIntervalCountsFromTheLastPoll) {
  auto& backend = run_backend();
  const auto id = add(backend, "a");
  until([&] { return backend.heard.polls.size() == 1; });
  clock_.advance(10min);
  const auto changed = call(backend, backend.scheduler.change(id, definition("a", 30min))).value();
  EXPECT_EQ(changed.status.next_poll, clock_.now() + 20min);
  EXPECT_FALSE(call(backend, backend.scheduler.change(SourceId{999}, definition("b"))).has_value());
}

TEST_P(SchedulerTest, ARemovedSourceIsGoneAlsoWhileItIsPolled) {
  auto& backend = run_backend();
  scripts_["a"].holds = true;
  const auto id = add(backend, "a");
  until_held("a");
  EXPECT_TRUE(call(backend, backend.scheduler.remove(id)));
  until([&] { return backend.scheduler.polls_under_way() == 0; });
  EXPECT_FALSE(sources_.find(id).has_value());
  EXPECT_THAT(backend.heard.deleted, ElementsAre(id));
  EXPECT_FALSE(call(backend, backend.scheduler.remove(id)));
}

TEST_P(SchedulerTest, NoMorePollsAtATimeThanAllowedAndAStopDoesNotWaitForOne) {
  concurrency_ = 2;
  auto& backend = run_backend();
  for (const auto* name : {"a", "b", "c"}) {
    scripts_[name].holds = true;
  }
  add(backend, "a");
  add(backend, "b");
  until_held("a");
  until_held("b");
  const auto third = add(backend, "c", false);
  call(backend, backend.scheduler.fetch(third));
  EXPECT_EQ(backend.scheduler.polls_under_way(), 3U);
  EXPECT_EQ(scripts_["c"].polls, 0);
  call(backend, backend.scheduler.stop(third));
  until_state(third, stopped);
  EXPECT_EQ(scripts_["c"].polls, 0);

  call(backend, backend.scheduler.start(third));
  release("a");
  until_polled("c", 1);
}

TEST_P(SchedulerTest, WhenTheProgramEndsPollsAreHandedToTheNextOne) {
  auto& first = run_backend("first");
  scripts_["a"].holds = true;
  scripts_["once"].holds = true;
  const auto running = add(first, "a");
  const auto once = add(first, "once", false);
  call(first, first.scheduler.fetch(once));
  until_held("a");
  until_held("once");
  stop(first);
  EXPECT_EQ(scripts_["a"].under_way, 0);

  scripts_["a"].holds = scripts_["once"].holds = false;
  run_backend("second");
  until_polled("a", 2);
  until_polled("once", 2);
  until_state(running, idle);
  until_state(once, stopped);
}

TEST_P(SchedulerTest, APreviewShowsWhatAPollWouldBringAndStoresNothing) {
  auto& backend = run_backend();
  scripts_["a"].records = {image("1"), image("2"), image("3")};
  const auto some = call(backend, backend.scheduler.test(definition("a"), 2));
  EXPECT_THAT(some.records, SizeIs(2));
  EXPECT_TRUE(some.has_more);
  EXPECT_EQ(some.shape, "");
  const auto all = call(backend, backend.scheduler.test(definition("a"), 3));
  EXPECT_THAT(all.records, SizeIs(3));
  EXPECT_FALSE(all.has_more);
  EXPECT_EQ(all.unusable, 0U);

  auto bad = image("4");
  bad.image_url = "javascript:alert(1)";
  scripts_["a"].records = {image("1"), bad, image("1"), bad, image("2")};
  const auto mixed = call(backend, backend.scheduler.test(definition("a"), 5));
  EXPECT_THAT(mixed.records, SizeIs(2)) << "each image once";
  EXPECT_EQ(mixed.unusable, 2U);
  EXPECT_THAT(mixed.unusable_reason, HasSubstr("javascript"));

  scripts_["a"].records.clear();
  scripts_["a"].failure = Failure(FailureKind::forbidden, "no");
  const auto none = call(backend, backend.scheduler.test(definition("a"), 3));
  EXPECT_EQ(none.shape, R"({"items":[]})");
  EXPECT_EQ(none.failure.value().kind(), FailureKind::forbidden);
  EXPECT_THAT(sources_.list(SourceId{0}, 10), IsEmpty());
  EXPECT_EQ(backend.heard.images, 0U);
}

TEST_P(SchedulerTest, ImagesAreAddedByHand) {
  auto& backend = run_backend();
  auto unnamed = image("");
  unnamed.image_url = "https://a.example/x.png";
  const auto added =
      call(backend, backend.scheduler.add_images({{image("1")}, {ImageRecord{}}, {unnamed}, {image("1")}}));

  ASSERT_THAT(added, SizeIs(4));
  EXPECT_TRUE(added[0].is_new);
  EXPECT_EQ(added[1].refused.value().kind(), FailureKind::bad_url);
  EXPECT_TRUE(added[2].is_new);
  EXPECT_FALSE(added[3].is_new);
  EXPECT_EQ(added[3].row, added[0].row);
  EXPECT_EQ(backend.heard.images, 2U);
  const auto source = sources_.find("direct").value();
  EXPECT_EQ(source.definition.type, "direct");
  EXPECT_EQ(source.status.state, stopped);

  const auto again = call(backend, backend.scheduler.add_images({{unnamed}}));
  EXPECT_FALSE(again.at(0).is_new);
  EXPECT_EQ(again.at(0).row, added[2].row);
}

TEST_P(SchedulerTest, ImagesAreAddedByHandToASourceOfTypeDirect) {
  auto& backend = run_backend();
  const auto mine = call(backend, backend.scheduler.add({.name = "mine", .type = "direct"}, false)).id;
  const auto feed = call(backend, backend.scheduler.add(definition("feed"), false)).id;
  const auto added =
      call(backend, backend.scheduler.add_images(
                        {{image("1"), mine}, {image("1")}, {image("2"), feed}, {image("3"), SourceId{999}}}));

  EXPECT_NE(added.at(0).row.value(), added.at(1).row.value()) << "each source has its own";
  EXPECT_EQ(added.at(2).refused.value().kind(), FailureKind::not_found);
  EXPECT_EQ(added.at(3).refused.value().kind(), FailureKind::not_found);
  const auto row = added.at(0).row.value();
  const auto shown = call(backend, backend.catalog.read([&](Repositories& from) { return from.library.find(row); }));
  EXPECT_EQ(shown.value().source, mine);
  EXPECT_EQ(shown.value().folder_name, "mine");
}

TEST_P(SchedulerTest, AnImageThatWasDeletedComesBackWhenItIsAddedByHand) {
  auto& backend = run_backend();
  const auto row = call(backend, backend.scheduler.add_images({{image("1")}})).at(0).row.value();
  call(backend, backend.catalog.write(
                    [&](Repositories& to) { return to.library.remove(std::vector{row}, clock_.now()).size(); }));
  call(backend, backend.scheduler.add_images({{image("1")}}));
  const auto shown = call(backend, backend.catalog.read([&](Repositories& from) { return from.library.find(row); }));
  EXPECT_EQ(shown.value().state, ImageState::pending);
}

}  // namespace
}  // namespace creel

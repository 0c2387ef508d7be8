#include "catalog/source_repository.h"

#include <future>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <soci/soci.h>

#include "catalog/connected.h"
#include "catalog/repository_fixture.h"

namespace creel {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

class SourceRepositoryTest : public RepositoryFixture {
 protected:
  SourceRepositoryTest() : other_catalog_(catalog_->another()), sources_(*catalog_), others_(*other_catalog_) {}

  static SourceDefinition definition(const std::string& name) {
    SourceDefinition source;
    source.name = name;
    source.type = "feed";
    source.url = "https://a.example/feed";
    source.interval = 10min;
    source.rate_limit = 12.5;
    source.settings = {{"tag", R"("lighthouses")"}, {"pages", "3"}};
    source.secrets = {{"client_id", Secret("s3cret")}};
    return source;
  }

  SourceRecord add(const std::string& name, SourceStatus status = {}) {
    return sources_.add(definition(name), status, now_);
  }

  SourceRecord add_due(const std::string& name, SystemTime next_poll, SourceState state = SourceState::idle) {
    SourceStatus status;
    status.state = state;
    status.next_poll = next_poll;
    return add(name, status);
  }

  void lease(SourceId id, const std::string& owner, SystemTime until) {
    sources_.update_status(
        id,
        [&](SourceRecord& source) {
          source.status.state = SourceState::fetching;
          source.lease_owner = owner;
          source.lease_until = until;
        },
        now_);
  }

  /// A poll that adds the image, if there is one to add.
  PollId begin_poll(SourceId id, const std::optional<std::string>& image = {}) {
    const auto poll = sources_.begin_poll(id, now_);
    if (image) images_->see(id, poll, kBackendQueue, std::vector{found(*image)}, {}, now_);
    return poll;
  }
  void end_poll(PollId poll, std::optional<FailureFacts> failure = {}) {
    sources_.end_poll(poll, {.failure = std::move(failure)}, now_);
  }

  std::unique_ptr<Catalog> other_catalog_;
  SourceRepository sources_;
  /// Over another connection.
  SourceRepository others_;
};

INSTANTIATE_TEST_SUITE_P(Databases, SourceRepositoryTest, testing::Values(kSqlite, kPostgresql),
                         [](const auto& info) { return info.param.name; });

TEST_P(SourceRepositoryTest, KeepsAllThatDescribesASource) {
  SourceStatus status;
  status.state = SourceState::blocked;
  status.stop_after_poll = true;
  status.blocked_until = now_ + 1h;
  status.reason = "rate_limited: über";
  status.last_poll = now_ - 1min;
  status.next_poll = now_ + 2h;
  status.failed_polls = 3;
  const auto id = sources_.add(definition("a"), status, now_).id;

  const auto found = others_.find(id).value();

  EXPECT_EQ(found.definition.name, "a");
  EXPECT_EQ(found.definition.type, "feed");
  EXPECT_EQ(found.definition.url, "https://a.example/feed");
  EXPECT_EQ(found.definition.interval, 10min);
  EXPECT_EQ(found.definition.rate_limit, 12.5);
  EXPECT_EQ(found.definition.settings, definition("a").settings);
  EXPECT_EQ(found.definition.secrets, definition("a").secrets);
  EXPECT_EQ(found.status.state, SourceState::blocked);
  EXPECT_TRUE(found.status.stop_after_poll);
  EXPECT_EQ(found.status.blocked_until, status.blocked_until);
  EXPECT_EQ(found.status.reason, status.reason);
  EXPECT_EQ(found.status.last_poll, status.last_poll);
  EXPECT_EQ(found.status.next_poll, status.next_poll);
  EXPECT_EQ(found.status.failed_polls, 3);
  EXPECT_EQ(found.created_at, now_);
}

TEST_P(SourceRepositoryTest, ASourceNeedsNeitherLimitNorTimesNorSettings) {
  SourceDefinition bare;
  bare.name = "bare";
  bare.type = "direct";
  const auto found = others_.find(sources_.add(bare, {}, now_).id).value();

  EXPECT_EQ(found.definition.rate_limit, std::nullopt);
  EXPECT_EQ(found.status.next_poll, std::nullopt);
  EXPECT_EQ(found.status.blocked_until, std::nullopt);
  EXPECT_EQ(found.lease_until, std::nullopt);
  EXPECT_THAT(found.definition.settings, IsEmpty());
}

TEST_P(SourceRepositoryTest, FindsByNameAndRefusesANameTwice) {
  const auto id = add("a").id;

  EXPECT_EQ(others_.find(std::string("a")).value().id, id);
  EXPECT_FALSE(others_.find(std::string("b")).has_value());
  EXPECT_THROW(add("a"), SourceNameTaken);
  EXPECT_THROW(sources_.change(add("c").id, definition("a"), now_), SourceNameTaken);
}

TEST_P(SourceRepositoryTest, ListsPagesInTheOrderOfNumbers) {
  std::vector<SourceId> ids;
  for (const auto* name : {"c", "a", "b"}) ids.push_back(add(name).id);

  const auto first = sources_.list(ids[0], 1);
  const auto rest = sources_.list(first.at(0).id, 10);

  EXPECT_EQ(first.at(0).id, ids[1]);
  EXPECT_EQ(first.at(0).definition.settings.size(), 2U);
  ASSERT_EQ(rest.size(), 1U);
  EXPECT_EQ(rest[0].definition.name, "b");
}

TEST_P(SourceRepositoryTest, ChangedSettingsMakePollsForget) {
  const auto id = add("a").id;
  sources_.save_memory(id, "memory", std::nullopt);
  auto changed = definition("renamed");
  changed.interval = 1h;
  EXPECT_EQ(sources_.change(id, changed, now_).value().memory, "memory");

  changed.settings.erase("pages");
  changed.secrets.clear();
  const auto after = sources_.change(id, changed, now_ + 1s).value();

  EXPECT_EQ(after.memory, "");
  EXPECT_EQ(after.definition.name, "renamed");
  EXPECT_EQ(after.definition.settings, changed.settings);
  EXPECT_THAT(after.definition.secrets, IsEmpty());
  EXPECT_EQ(after.updated_at, now_ + 1s);
}

TEST_P(SourceRepositoryTest, SavesWhereASourceHasMovedTo) {
  const auto id = add("a").id;
  sources_.save_memory(id, "m", "https://b.example/feed");
  EXPECT_EQ(others_.find(id).value().definition.url, "https://b.example/feed");
  EXPECT_EQ(others_.find(id).value().memory, "m");
}

TEST_P(SourceRepositoryTest, ARemovedSourceGivesUpItsNameAndItsWaitingImages) {
  const auto id = add("a").id;
  const auto poll = sources_.begin_poll(id, now_);
  images_->see(id, poll, kBackendQueue, std::vector{found("waits"), found("stored")}, {}, now_);
  auto query =
      LeaseQuery{.queue = kBackendQueue, .owner = "me", .now = now_, .lease_until = now_ + 1min, .max_images = 1};
  const auto leased = images_->lease(query);
  images_->record(std::vector{LeaseOutcome{leased.images.at(0).row, 0, facts()}}, "me", now_);

  EXPECT_TRUE(sources_.remove(id, now_));

  EXPECT_FALSE(sources_.find(id).has_value());
  EXPECT_FALSE(sources_.remove(id, now_));
  EXPECT_FALSE(sources_.change(id, definition("a"), now_).has_value());
  EXPECT_EQ(images_->counts(poll).pending, 0U);
  EXPECT_EQ(images_->counts(poll).stored, 1U);
  EXPECT_NE(add("a").id, id);
}

TEST_P(SourceRepositoryTest, WhatADecisionThrowsChangesNothing) {
  const auto id = add("a").id;
  EXPECT_THROW(sources_.update_status(
                   id,
                   [](SourceRecord& source) {
                     source.status.reason = "half";
                     throw std::runtime_error("no");
                   },
                   now_),
               std::runtime_error);
  EXPECT_EQ(sources_.find(id).value().status.reason, "");
  EXPECT_FALSE(sources_.update_status(SourceId{999}, [](SourceRecord&) {}, now_).has_value());
}

TEST_P(SourceRepositoryTest, DueAreThoseWhoseTimeHasComeTheLongestOverdueFirst) {
  const auto later = add_due("later", now_ + 1s);
  const auto blocked = add_due("blocked", now_ - 1min, SourceState::blocked);
  const auto idle = add_due("idle", now_);
  add_due("stopped", now_ - 1h, SourceState::stopped);
  const auto held = add("held");
  const auto lost = add("lost");
  lease(held.id, "other", now_ + 1s);
  lease(lost.id, "gone", now_ - 2min);

  EXPECT_THAT(sources_.due(now_, 10), ElementsAre(lost.id, blocked.id, idle.id));
  EXPECT_THAT(sources_.due(now_, 2), ElementsAre(lost.id, blocked.id));
  EXPECT_THAT(sources_.due(now_ + 1s, 10), ElementsAre(lost.id, blocked.id, idle.id, later.id, held.id));
}

TEST_P(SourceRepositoryTest, TheNextIsDueByItsTimeOrByALease) {
  EXPECT_EQ(sources_.next_due(), std::nullopt);
  add_due("a", now_ + 10s);
  EXPECT_EQ(sources_.next_due(), now_ + 10s);
  lease(add("b").id, "other", now_ + 5s);
  EXPECT_EQ(sources_.next_due(), now_ + 5s);
}

TEST_P(SourceRepositoryTest, RenewsTheLeasesOfOneOwner) {
  const auto mine = add("mine").id;
  const auto theirs = add("theirs").id;
  lease(mine, "me", now_ + 1s);
  lease(theirs, "them", now_ + 1s);

  const auto renewed = sources_.renew_leases("me", now_ + 30s);

  ASSERT_EQ(renewed.size(), 1U);
  EXPECT_EQ(renewed[0].id, mine);
  EXPECT_EQ(renewed[0].definition.settings.size(), 2U);
  EXPECT_EQ(others_.find(mine).value().lease_until, now_ + 30s);
  EXPECT_EQ(others_.find(theirs).value().lease_until, now_ + 1s);
  EXPECT_THAT(sources_.renew_leases("", now_ + 30s), IsEmpty());
}

TEST_P(SourceRepositoryTest, ShowsTheLastPollsTheNewestFirst) {
  const auto id = add("a").id;
  const auto first = sources_.begin_poll(id, now_);
  images_->see(id, first, kBackendQueue, std::vector{found("1"), found("2")}, {}, now_);
  sources_.end_poll(first, {}, now_ + 1s);
  const auto second = sources_.begin_poll(id, now_ + 1min);
  sources_.end_poll(second, {.failure = FailureFacts{FailureKind::not_found, "404"}}, now_ + 1min + 1s);
  const auto third = sources_.begin_poll(id, now_ + 2min);

  const auto polls = others_.polls(id, 10);

  ASSERT_EQ(polls.size(), 3U);
  EXPECT_EQ(polls[0].id, third);
  EXPECT_EQ(polls[0].ended_at, std::nullopt);
  EXPECT_EQ(polls[1].failure.value().kind, FailureKind::not_found);
  EXPECT_EQ(polls[1].failure.value().message, "404");
  EXPECT_EQ(polls[2].found, 2U);
  EXPECT_EQ(polls[2].added, 2U);
  EXPECT_EQ(polls[2].ended_at, now_ + 1s);
  EXPECT_EQ(others_.polls(id, 1).size(), 1U);
}

TEST_P(SourceRepositoryTest, KeepsTheLastPollsOfEachSource) {
  const auto id = add("a").id;
  const auto other = begin_poll(add("b").id);
  std::vector<PollId> polls;
  for (std::size_t i = 0; i < SourceRepository::kKeptPolls + 3; ++i) {
    polls.push_back(begin_poll(id, std::to_string(i)));
    end_poll(polls.back());
  }
  const auto kept = others_.polls(id, 1000);
  ASSERT_EQ(kept.size(), SourceRepository::kKeptPolls);
  EXPECT_EQ(kept.front().id, polls.back());
  EXPECT_EQ(kept.back().id, polls[3]);
  EXPECT_EQ(others_.polls(SourceId{static_cast<std::int64_t>(id) + 1}, 10).at(0).id, other);
  EXPECT_EQ(images_->see(id, polls.back(), kBackendQueue, std::vector{found("0")}, {}, now_).at(0).is_new, false)
      << "an image outlives its poll";
}

TEST_P(SourceRepositoryTest, KnowsThatAPollWasBrokenOffUntilOneHasEndedWell) {
  const auto id = add("a").id;
  const FailureFacts failed{FailureKind::server_error, "500"};
  end_poll(begin_poll(id, "1"));
  EXPECT_FALSE(others_.was_broken_off(id, begin_poll(id))) << "the last one ended well";
  end_poll(begin_poll(id), failed);
  EXPECT_FALSE(others_.was_broken_off(id, begin_poll(id))) << "one failed and one has no end, but nothing was added";
  const auto broken = begin_poll(id, "2");
  EXPECT_FALSE(others_.was_broken_off(id, broken)) << "not by itself";
  EXPECT_TRUE(others_.was_broken_off(id, begin_poll(id))) << "it has no end: its program was killed";
  end_poll(broken, failed);
  EXPECT_TRUE(others_.was_broken_off(id, begin_poll(id)));
  end_poll(begin_poll(id), failed);
  EXPECT_TRUE(others_.was_broken_off(id, begin_poll(id))) << "one that failed by itself mends nothing";
  EXPECT_FALSE(others_.was_broken_off(add("b").id, begin_poll(id))) << "another source";
  end_poll(begin_poll(id));
  EXPECT_FALSE(others_.was_broken_off(id, begin_poll(id)));
}

TEST_P(SourceRepositoryTest, KeepsFromWhichHostsPollsStayAway) {
  sources_.block_hosts(
      std::vector<HostBlock>{{"a.example", now_ + 60s, "status 429"}, {"b.example", now_ + 5s, "why"}});
  const std::vector<std::string> hosts{"a.example", "b.example", "c.example"};
  auto blocks = others_.blocks(hosts, now_ + 5s);
  ASSERT_EQ(blocks.size(), 1U);
  EXPECT_EQ(blocks[0].host, "a.example");
  EXPECT_EQ(blocks[0].until, now_ + 60s);
  EXPECT_EQ(blocks[0].reason, "status 429");
  EXPECT_THAT(others_.blocks(hosts, now_ + 60s), IsEmpty());
}

TEST_P(SourceRepositoryTest, MakesNoBlockShorter) {
  sources_.block_hosts(std::vector<HostBlock>{{"a.example", now_ + 60s, "long"}});
  others_.block_hosts(std::vector<HostBlock>{{"a.example", now_ + 30s, "short"}});
  const std::vector<std::string> host{"a.example"};
  EXPECT_EQ(sources_.blocks(host, now_).at(0).reason, "long");
  others_.block_hosts(std::vector<HostBlock>{{"a.example", now_ + 90s, "longer"}});
  EXPECT_EQ(sources_.blocks(host, now_).at(0).until, now_ + 90s);
}

TEST_P(SourceRepositoryTest, BlocksPollsWhereImagesAreBlockedAndNotTheOtherWayRound) {
  const std::vector<std::string> host{"a.example"};
  images_->block_host("a.example", now_ + 60s);
  EXPECT_EQ(sources_.blocks(host, now_).at(0).until, now_ + 60s);
  images_->block_host("a.example", now_);
  EXPECT_THAT(sources_.blocks(host, now_), IsEmpty());

  sources_.block_hosts(std::vector<HostBlock>{{"a.example", now_ + 90s, "the API's limit"}});
  begin_poll(add("a").id, "1");
  auto asked = query();
  asked.queue = kBackendQueue;
  EXPECT_EQ(images_->lease(asked).images.size(), 1U);
}

/// Two programs at one database, at one instant.
class SourceRaceTest : public SourceRepositoryTest {
 protected:
  /// Does `work` while another program has taken the name "b" and not committed yet; that is committed when `work` waits.
  template <class Work>
  void race(Work work) {
    const auto third = catalog_->another();
    auto& session = third->session();
    Transaction transaction(session, Dialect::postgresql, Access::write);
    session << "insert into sources (name, type) values ('b', 'feed')";
    auto racing = std::async(std::launch::async, work);
    int waiting = 0;
    while (waiting == 0 && racing.wait_for(0s) == std::future_status::timeout) {
      session << "select count(*) from pg_locks where not granted", soci::into(waiting);
    }
    transaction.commit();
    racing.get();
  }
};

INSTANTIATE_TEST_SUITE_P(Databases, SourceRaceTest, testing::Values(kPostgresql),
                         [](const auto& info) { return info.param.name; });

TEST_P(SourceRaceTest, SaysThatANameHasJustBeenTaken) {
  race([this] { EXPECT_THROW(sources_.add(definition("b"), {}, now_), SourceNameTaken); });
  EXPECT_EQ(add("c").definition.name, "c");
}

TEST_P(SourceRaceTest, SaysThatANewNameHasJustBeenTaken) {
  const auto source = add("a");
  race([&] { EXPECT_THROW(sources_.change(source.id, definition("b"), now_), SourceNameTaken); });
  EXPECT_EQ(sources_.find(source.id)->definition.name, "a");
}

}  // namespace
}  // namespace creel

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <soci/soci.h>

#include "catalog/repository_fixture.h"

namespace creel {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class LeaseTest : public RepositoryFixture {
 protected:
  LeaseTest() { begin_poll(); }

  std::vector<std::string> lease(const LeaseQuery& asked) { return ids(images_->lease(asked)); }

  void delay(const std::string& id, std::chrono::milliseconds by) {
    for (const auto& one : images_->lease(query()).images) {
      if (one.image.image_id == id) {
        record(one.row, LeaseOutcome::Again{failure(FailureKind::timeout), now_ + by}, 1);
      } else {
        record(one.row, LeaseOutcome::Released::interrupted);
      }
    }
  }
};

INSTANTIATE_TEST_SUITE_P(On, LeaseTest, testing::Values(kSqlite, kPostgresql),
                         [](const auto& test) { return test.param.name; });

TEST_P(LeaseTest, TakesEachImageOnce) {
  see({"a", "b"}, "a.example");
  const auto first = images_->lease(query());
  EXPECT_THAT(ids(first), ElementsAre("a", "b"));
  EXPECT_FALSE(first.more);
  EXPECT_THAT(lease(query()), IsEmpty());
}

TEST_P(LeaseTest, TakesOnlyImagesOfThePoll) {
  see({"left over"}, "a.example");
  begin_poll();
  see({"listed"}, "a.example");
  const auto leased = images_->lease(query());
  EXPECT_THAT(ids(leased), ElementsAre("listed"));
  EXPECT_FALSE(leased.more);
}

TEST_P(LeaseTest, GivesEveryHostItsShareOfAListSortedByHost) {
  see({"a1", "a2", "a3", "a4"}, "a.example");
  see({"b1", "b2", "b3"}, "b.example");
  see({"c1"}, "c.example");
  auto asked = query();
  asked.room_per_new_host = 2;
  const auto leased = images_->lease(asked);
  EXPECT_THAT(ids(leased), ElementsAre("a1", "a2", "b1", "b2", "c1"));
  EXPECT_TRUE(leased.more);
}

TEST_P(LeaseTest, GoesOnBehindTheHostWhereItEnded) {
  see({"a1", "a2", "a3"}, "a.example");
  see({"b1", "b2"}, "b.example");
  see({"c1"}, "c.example");
  auto asked = query();
  asked.room_per_new_host = 1;
  asked.max_images = 1;
  std::vector<std::string> order;
  for (int i = 0; i < 6; ++i) order.push_back(lease(asked).at(0));
  EXPECT_THAT(order, ElementsAre("a1", "b1", "c1", "a2", "b2", "a3"));
}

TEST_P(LeaseTest, ComesToEachHostOnceACall) {
  see({"a1", "a2", "a3"}, "a.example");
  see({"b1", "b2", "b3"}, "b.example");
  auto asked = query();
  asked.room_per_new_host = 1;
  asked.max_images = 1;
  EXPECT_THAT(lease(asked), ElementsAre("a1"));
  asked.max_images = 100;
  EXPECT_THAT(lease(asked), ElementsAre("b1", "a2"));
  EXPECT_THAT(lease(asked), ElementsAre("b2", "a3"));
}

TEST_P(LeaseTest, BeginsAnewWithANewPoll) {
  see({"a"}, "a.example");
  see({"b"}, "b.example");
  auto asked = query();
  asked.max_images = 1;
  EXPECT_THAT(lease(asked), ElementsAre("a"));
  images_->take_back_all(std::nullopt, now_);
  begin_poll();
  see({"a"}, "a.example");
  see({"b"}, "b.example");
  EXPECT_THAT(lease(query()), ElementsAre("a", "b"));
}

TEST_P(LeaseTest, TakesNoMoreThanAsked) {
  see({"a1", "a2", "a3"}, "a.example");
  see({"b1"}, "b.example");
  auto asked = query();
  asked.max_images = 2;
  const auto leased = images_->lease(asked);
  EXPECT_THAT(ids(leased), ElementsAre("a1", "a2"));
  EXPECT_TRUE(leased.more);
}

TEST_P(LeaseTest, TakesFromNoMoreNewHostsThanAsked) {
  see({"a"}, "a.example");
  see({"b"}, "b.example");
  see({"c"}, "c.example");
  auto asked = query();
  asked.max_new_hosts = 2;
  EXPECT_THAT(lease(asked), ElementsAre("a", "b"));
  EXPECT_THAT(lease(asked), ElementsAre("c"));
}

TEST_P(LeaseTest, KeepsToTheRoomOfAKnownHost) {
  see({"a1", "a2", "a3"}, "a.example");
  see({"b1", "b2"}, "b.example");
  auto asked = query();
  asked.room = {{"a.example", 2}, {"b.example", 0}};
  const auto leased = images_->lease(asked);
  EXPECT_THAT(ids(leased), ElementsAre("a1", "a2"));
  EXPECT_TRUE(leased.more);
}

TEST_P(LeaseTest, ServesKnownHostsThoughNoNewOneMayBeTakenFrom) {
  see({"a"}, "a.example");
  see({"b"}, "b.example");
  see({"c"}, "c.example");
  auto asked = query();
  asked.max_new_hosts = 0;
  asked.room = {{"c.example", 1}, {"b.example", 1}, {"unheard-of.example", 1}};
  EXPECT_THAT(lease(asked), ElementsAre("b", "c"));
}

TEST_P(LeaseTest, ServesKnownHostsInTurn) {
  see({"a1", "a2"}, "a.example");
  see({"b1", "b2"}, "b.example");
  auto asked = query();
  asked.max_images = 1;
  asked.max_new_hosts = 0;
  asked.room = {{"a.example", 1}, {"b.example", 1}};
  std::vector<std::string> order;
  for (int i = 0; i < 4; ++i) order.push_back(lease(asked).at(0));
  EXPECT_THAT(order, ElementsAre("a1", "b1", "a2", "b2"));
}

TEST_P(LeaseTest, AKnownHostWithRoomDoesNotHoldUpNewHosts) {
  see({"a1", "a2"}, "a.example");
  see({"b1", "b2"}, "b.example");
  see({"c1", "c2"}, "c.example");
  see({"z1", "z2", "z3", "z4"}, "z.example");
  auto asked = query();
  asked.max_new_hosts = 1;
  asked.room_per_new_host = 1;
  asked.room = {{"z.example", 1}};
  std::vector<std::string> order;
  for (int i = 0; i < 3; ++i) order.push_back(lease(asked).at(0));
  EXPECT_THAT(order, ElementsAre("a1", "b1", "c1"));
}

TEST_P(LeaseTest, PassesOverABlockedHostUntilItsTime) {
  see({"a"}, "a.example");
  see({"b"}, "b.example");
  images_->block_host("a.example", now_ + 30s);
  const auto leased = images_->lease(query());
  EXPECT_THAT(ids(leased), ElementsAre("b"));
  EXPECT_TRUE(leased.more);
  now_ += 30s;
  EXPECT_THAT(lease(query()), ElementsAre("a"));
}

TEST_P(LeaseTest, PassesOverABlockedHostThatIsKnown) {
  see({"a"}, "a.example");
  images_->block_host("a.example", now_ + 30s);
  auto asked = query();
  asked.max_new_hosts = 0;
  asked.room = {{"a.example", 5}};
  EXPECT_THAT(lease(asked), IsEmpty());
}

TEST_P(LeaseTest, LiftsABlockByATimeThatHasPassed) {
  see({"a"}, "a.example");
  images_->block_host("a.example", now_ + 30s);
  images_->block_host("a.example", now_);
  EXPECT_THAT(lease(query()), ElementsAre("a"));
}

TEST_P(LeaseTest, BlocksAHostBeforeItIsSeen) {
  images_->block_host("a.example", now_ + 30s);
  see({"a"}, "a.example");
  EXPECT_THAT(lease(query()), IsEmpty());
}

TEST_P(LeaseTest, WaitsForTheTimeOfADelayedImage) {
  see({"a", "b"}, "a.example");
  delay("a", 1500ms);
  const auto leased = images_->lease(query());
  EXPECT_THAT(ids(leased), ElementsAre("b"));
  EXPECT_TRUE(leased.more);
  now_ += 1500ms;
  const auto late = images_->lease(query());
  EXPECT_THAT(ids(late), ElementsAre("a"));
  EXPECT_EQ(late.images[0].attempts, 1);
}

TEST_P(LeaseTest, OrdersTheImagesOfAHostByTimeDueThenAsFound) {
  see({"a", "b", "c", "d"}, "a.example");
  delay("a", 2s);
  delay("b", 1s);
  now_ += 2s;
  EXPECT_THAT(lease(query()), ElementsAre("c", "d", "b", "a"));
}

TEST_P(LeaseTest, LooksAtABoundedNumberOfHostsAndGoesOnNextTime) {
  std::vector<FoundImage> list;
  for (int i = 0; i < 2500; ++i) list.push_back(found(std::to_string(i), fmt::format("{:04}.example", i)));
  images_->see(source_, poll_, queue_of(poll_), list, {}, now_);
  catalog_->session() << "update hosts set blocked_until = 9000000000000 where id < (select max(id) from hosts)";
  const auto first = images_->lease(query());
  EXPECT_THAT(ids(first), IsEmpty());
  EXPECT_TRUE(first.more);
  EXPECT_THAT(lease(query()), ElementsAre("2499"));
}

TEST_P(LeaseTest, TakesFromHostsBeyondThoseItRemembers) {
  std::vector<FoundImage> list;
  for (int i = 0; i < 5000; ++i) list.push_back(found(std::to_string(i), std::to_string(i) + ".example"));
  images_->see(source_, poll_, queue_of(poll_), list, {}, now_);
  auto asked = query();
  asked.max_new_hosts = 0;
  asked.room = {{"0.example", 1}, {"4999.example", 1}};
  EXPECT_THAT(lease(asked), UnorderedElementsAre("0", "4999"));
}

TEST_P(LeaseTest, KnowsNoTimeToWaitForWhenNothingWaits) {
  see({"a"}, "a.example");
  EXPECT_EQ(images_->next_due(queue_of(poll_), now_), std::nullopt);
}

TEST_P(LeaseTest, KnowsWhenTheNextDelayedImageIsDue) {
  see({"a", "b", "c"}, "a.example");
  delay("a", 20s);
  delay("b", 10s);
  EXPECT_EQ(images_->next_due(queue_of(poll_), now_), now_ + 10s);
  EXPECT_EQ(images_->next_due(queue_of(poll_), now_ + 10s), now_ + 20s);
}

TEST_P(LeaseTest, KnowsWhenTheNextBlockedHostIsDue) {
  see({"a"}, "a.example");
  see({"b"}, "b.example");
  images_->block_host("a.example", now_ + 20s);
  images_->block_host("b.example", now_ + 10s);
  images_->block_host("without-images.example", now_ + 5s);
  EXPECT_EQ(images_->next_due(queue_of(poll_), now_), now_ + 10s);
}

TEST_P(LeaseTest, AnImageOfABlockedHostIsDueAtTheLaterOfItsTimes) {
  see({"a"}, "a.example");
  delay("a", 20s);
  images_->block_host("a.example", now_ + 10s);
  EXPECT_EQ(images_->next_due(queue_of(poll_), now_), now_ + 20s);
  images_->block_host("a.example", now_ + 30s);
  EXPECT_EQ(images_->next_due(queue_of(poll_), now_), now_ + 30s);
}

TEST_P(LeaseTest, NeverLeasesBeforeATimeThatIsNoWholeMillisecond) {
  see({"a"}, "a.example");
  record(lease_one().row, LeaseOutcome::Again{failure(FailureKind::timeout), now_ + 1500us}, 1);
  now_ += 1ms;
  EXPECT_THAT(lease(query()), IsEmpty());
  const auto due = images_->next_due(queue_of(poll_), now_);
  ASSERT_EQ(due, now_ + 1ms);
  now_ = *due;
  EXPECT_THAT(lease(query()), ElementsAre("a"));
}

TEST_P(LeaseTest, LooksAgainSoonWhenTooManyHostsWaitToBeAskedAll) {
  std::vector<FoundImage> list;
  for (int i = 0; i < 600; ++i) list.push_back(found(std::to_string(i), std::to_string(i) + ".example"));
  images_->see(source_, poll_, queue_of(poll_), list, {}, now_);
  catalog_->session() << "update hosts set blocked_until = 9000000000000";
  EXPECT_EQ(images_->next_due(queue_of(poll_), now_), now_ + 250ms);
}

}  // namespace
}  // namespace creel

#include <set>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <soci/soci.h>

#include "catalog/lease_table.h"
#include "catalog/repository_fixture.h"

namespace creel {
namespace {

using namespace std::chrono_literals;
using testing::IsEmpty;

/// Leases of several programs on one catalog: "one" with the fixture's connection, "two" with its own.
class SharedLeaseTest : public RepositoryFixture {
 protected:
  SharedLeaseTest() { begin_poll(); }

  LeaseQuery query_of(const std::string& owner) const {
    auto asked = query();
    asked.owner = owner;
    return asked;
  }

  LeasedImage lease_one_for(const std::string& owner) {
    const auto leased = images_->lease(query_of(owner));
    EXPECT_EQ(leased.images.size(), 1U);
    return leased.images.at(0);
  }

  std::unique_ptr<Catalog> other_catalog_ = catalog_->another();
  ImageRepository other_{*other_catalog_};
};

INSTANTIATE_TEST_SUITE_P(On, SharedLeaseTest, testing::Values(kSqlite, kPostgresql),
                         [](const auto& test) { return test.param.name; });

/// Leases until nothing waits any more; little at a time, so that the two are at it together.
void lease_all(ImageRepository& images, LeaseQuery query, std::vector<ImageRow>& rows) {
  query.max_images = 7;
  query.room_per_new_host = 3;
  for (bool more = true; more;) {
    const auto leased = images.lease(query);
    for (const auto& image : leased.images) rows.push_back(image.row);
    more = leased.more;
  }
}

TEST_P(SharedLeaseTest, NeverGiveTheSameImageToTwo) {
  constexpr std::size_t kImages = 1000;
  std::vector<FoundImage> list;
  for (std::size_t i = 0; i < kImages; ++i) list.push_back(found(std::to_string(i), fmt::format("{}.example", i % 5)));
  images_->see(source_, poll_, queue_of(poll_), list, {}, now_);

  std::vector<ImageRow> rows_of_one;
  std::vector<ImageRow> rows_of_two;
  std::thread one([&] { lease_all(*images_, query_of("one"), rows_of_one); });
  std::thread two([&] { lease_all(other_, query_of("two"), rows_of_two); });
  one.join();
  two.join();
  std::set<ImageRow> rows(rows_of_one.begin(), rows_of_one.end());
  rows.insert(rows_of_two.begin(), rows_of_two.end());
  EXPECT_EQ(rows_of_one.size() + rows_of_two.size(), kImages);
  EXPECT_EQ(rows.size(), kImages);
}

TEST_P(SharedLeaseTest, AreEndedByTheirOwnerOnly) {
  see(found("a"));
  const auto row = lease_one_for("one").row;
  record(row, facts(), 1, "two");
  EXPECT_EQ(images_->counts(poll_).storing, 1U);
  record(row, facts(), 1, "one");
  EXPECT_EQ(images_->counts(poll_).stored, 1U);
}

TEST_P(SharedLeaseTest, AreTakenBackWhenTheyRunOut) {
  see(found("a"));
  see(found("b"));
  images_->lease(query_of("one"));
  EXPECT_EQ(other_.take_back_leases(now_ + 1min), 0U);
  EXPECT_EQ(other_.take_back_leases(now_ + 1min + 1ms), 2U);
  const auto leased = other_.lease(query_of("two"));
  ASSERT_EQ(leased.images.size(), 2U);
  EXPECT_TRUE(leased.images[0].interrupted);
}

TEST_P(SharedLeaseTest, AreProlongedByTheirOwner) {
  see(found("a"));
  images_->lease(query_of("one"));
  see(found("b"));
  images_->lease(query_of("two"));
  EXPECT_EQ(images_->renew_leases("one", now_ + 5min), 1U);
  EXPECT_EQ(images_->renew_leases("three", now_ + 5min), 0U);
  EXPECT_EQ(images_->take_back_leases(now_ + 2min), 1U);
  EXPECT_EQ(images_->counts(poll_).storing, 1U);
}

TEST_P(SharedLeaseTest, OfOneThatCameBackTooLateStayWithTheNext) {
  see(found("a"));
  const auto row = lease_one_for("one").row;
  images_->take_back_leases(now_ + 2min);
  EXPECT_EQ(other_.lease(query_of("two")).images.size(), 1U);
  record(row, failure(FailureKind::not_found), 1, "one");
  record(row, LeaseOutcome::Released::untouched, 0, "one");
  EXPECT_EQ(images_->renew_leases("one", now_ + 5min), 0U);
  EXPECT_EQ(images_->counts(poll_).storing, 1U);
}

TEST_P(SharedLeaseTest, ThatNobodyKnowsOfAreGivenBack) {
  see(found("a"));
  see(found("b"));
  const auto leased = images_->lease(query_of("one")).images;
  LeaseTable table(catalog_->session());
  table.give_back(std::vector{leased[0].row, leased[1].row}, "two");
  EXPECT_EQ(images_->counts(poll_).storing, 2U);
  table.give_back(std::vector{leased[0].row}, "one");
  EXPECT_EQ(images_->counts(poll_).storing, 1U);
  EXPECT_FALSE(lease_one_for("two").interrupted);
}

TEST_P(SharedLeaseTest, OfAnImageThatWasDeletedMeanwhileEndWithoutATrace) {
  see(found("a"));
  const auto row = lease_one_for("one").row;
  catalog_->session() << "update images set state = 4";
  record(row, facts(), 1, "one");
  EXPECT_EQ(images_->counts(poll_).stored, 0U);
  EXPECT_THAT(images_->lease(query_of("one")).images, IsEmpty());
}

}  // namespace
}  // namespace creel

#include <gmock/gmock.h>

#include "catalog/image_library_fixture.h"

namespace creel {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

class ImageLibraryChangeTest : public LibraryFixture {
 protected:
  std::vector<std::string> visit(const ImageFilter& filter) {
    std::vector<std::string> found;
    library_->for_each(filter, [&](const ImageDetails& image) {
      found.push_back(image.image_id);
      return true;
    });
    return found;
  }

  std::vector<ObjectRemoval> removals(SystemTime at) {
    return images_->take_removals({.now = at, .until = at + 1min, .possible_keys = [](const FoundImage& image) {
                                     return std::vector{image.url + " " + image.folder + " " + image.file_name};
                                   }});
  }
};

INSTANTIATE_TEST_SUITE_P(On, ImageLibraryChangeTest, testing::Values(kSqlite, kPostgresql),
                         [](const auto& test) { return test.param.name; });

TEST_P(ImageLibraryChangeTest, KeepsATombstoneOfWhatIsRemovedAndTellsWhatItWas) {
  see(found("a"));
  const auto row = lease_one().row;
  record(row, facts(), 1);
  now_ += 1h;
  const auto removed = library_->remove(std::vector{row, row, ImageRow{4711}}, now_);
  ASSERT_EQ(removed.size(), 1U);
  EXPECT_EQ(removed[0].state, ImageState::stored);
  EXPECT_EQ(removed[0].key, "folder/a.png");
  EXPECT_EQ(library_->find(row)->state, ImageState::deleted);
  EXPECT_EQ(library_->find(row)->updated_at, now_);
  EXPECT_THAT(library_->remove(std::vector{row}, now_), IsEmpty());
  begin_poll();
  EXPECT_EQ(see(found("a")).what, Sighting::What::deleted);
  EXPECT_TRUE(images_->lease(query()).images.empty());
}

TEST_P(ImageLibraryChangeTest, DropsTheOutcomeOfAnImageThatWasRemovedWhileItWasStored) {
  see(found("a"));
  const auto row = lease_one().row;
  const auto removed = library_->remove(std::vector{row}, now_);
  ASSERT_EQ(removed.size(), 1U);
  EXPECT_EQ(removed[0].state, ImageState::storing);
  record(row, facts(), 1);
  EXPECT_EQ(library_->find(row)->state, ImageState::deleted);
  EXPECT_EQ(library_->find(row)->key, std::nullopt);
}

TEST_P(ImageLibraryChangeTest, PutsWhatFailedBackIntoTheBackendsQueue) {
  see(found("a"));
  const auto row = lease_one().row;
  record(row, failure(FailureKind::not_found), 5);
  EXPECT_EQ(library_->retry(std::vector{row, ImageRow{4711}}, now_), 1U);
  const auto image = library_->find(row).value();
  EXPECT_EQ(image.state, ImageState::pending);
  EXPECT_EQ(image.attempts, 0);
  EXPECT_EQ(library_->retry(std::vector{row}, now_), 0U);
  const auto leased = images_->lease({.queue = kBackendQueue, .now = now_, .lease_until = now_ + 1min, .room = {}});
  ASSERT_EQ(leased.images.size(), 1U);
  EXPECT_EQ(leased.images[0].row, row);
  EXPECT_EQ(library_->retry(std::vector{row}, now_), 0U);
}

TEST_P(ImageLibraryChangeTest, RetriesAllThatFailedAndMatch) {
  for (int i = 0; i < 1100; ++i) {
    add({.image_id = "dns" + std::to_string(i), .state = ImageState::failed, .failure_kind = FailureKind::dns});
  }
  add({.image_id = "other", .state = ImageState::failed, .failure_kind = FailureKind::tls, .title = "sunset"});
  add({.image_id = "waiting", .state = ImageState::pending, .failure_kind = FailureKind::dns});
  EXPECT_EQ(library_->retry_all({.state = ImageState::stored}, now_), 0U);
  EXPECT_EQ(library_->retry_all({.source = other_source_}, now_), 0U);
  EXPECT_EQ(library_->retry_all({.failure_kind = FailureKind::dns}, now_), 1100U);
  EXPECT_EQ(library_->retry_all({.search = "sunset"}, now_), 1U);
  EXPECT_EQ(library_->retry_all({}, now_), 0U);
}

TEST_P(ImageLibraryChangeTest, VisitsEveryImageInTheOrderOfNumbersUntilToldToStop) {
  for (int i = 0; i < 1200; ++i) {
    add({.image_id = std::to_string(i), .nsfw = i % 2 == 0, .title = i % 100 == 0 ? "rare" : "common"}, i % 3 == 0);
  }
  const auto all = visit({});
  ASSERT_EQ(all.size(), 1200U);
  for (std::size_t i = 0; i < all.size(); ++i) ASSERT_EQ(all[i], std::to_string(i));
  EXPECT_EQ(visit({.source = other_source_}).size(), 400U);
  EXPECT_EQ(visit({.nsfw = true, .search = "rare"}).size(), 12U);
  EXPECT_THAT(visit({.state = ImageState::failed}), IsEmpty());

  int visits = 0;
  library_->for_each({}, [&](const ImageDetails&) { return ++visits < 5; });
  EXPECT_EQ(visits, 5);
}

TEST_P(ImageLibraryChangeTest, LetsOthersWriteWhileItVisits) {
  const auto row = add({.image_id = "a"});
  library_->for_each({}, [&](const ImageDetails&) {
    library_->remove(std::vector{row}, now_);
    return true;
  });
  EXPECT_EQ(library_->find(row)->state, ImageState::deleted);
}

TEST_P(ImageLibraryChangeTest, CountsBySourceStateAndFailureKind) {
  add({.image_id = "a", .size_bytes = 10});
  add({.image_id = "b", .type = "image/png", .nsfw = true, .size_bytes = 20});
  add({.image_id = "c", .state = ImageState::failed, .failure_kind = FailureKind::dns});
  add({.image_id = "d", .state = ImageState::failed, .failure_kind = FailureKind::tls});
  add({.image_id = "e", .state = ImageState::pending, .failure_kind = FailureKind::tls});
  add({.image_id = "f", .state = ImageState::storing});
  add({.image_id = "g", .state = ImageState::deleted, .failure_kind = FailureKind::tls, .size_bytes = 5});
  add({.image_id = "h", .size_bytes = 7}, true);
  struct Expected {
    SourceId source;
    ImageState state;
    std::optional<FailureKind> kind;
    std::uint64_t images;
    std::uint64_t bytes;
  };
  const std::vector<Expected> expected = {
      {source_, ImageState::pending, std::nullopt, 1, 0},     {source_, ImageState::storing, std::nullopt, 1, 0},
      {source_, ImageState::stored, std::nullopt, 2, 30},     {source_, ImageState::failed, FailureKind::dns, 1, 0},
      {source_, ImageState::failed, FailureKind::tls, 1, 0},  {source_, ImageState::deleted, std::nullopt, 1, 5},
      {other_source_, ImageState::stored, std::nullopt, 1, 7}};
  const auto counts = library_->counts();
  ASSERT_EQ(counts.size(), expected.size());
  for (const auto& one : expected) {
    const auto found = std::ranges::find_if(counts, [&](const ImageCount& count) {
      return count.source == one.source && count.state == one.state && count.failure_kind == one.kind;
    });
    ASSERT_NE(found, counts.end());
    EXPECT_EQ(found->images, one.images);
    EXPECT_EQ(found->bytes, one.bytes);
  }
}

TEST_P(ImageLibraryChangeTest, CountsTheLastHours) {
  add({.image_id = "a", .type = "image/png", .size_bytes = 10, .stored = 0});
  add({.image_id = "b", .type = "image/gif", .size_bytes = 20, .stored = 7200});
  add({.image_id = "c", .size_bytes = 30, .stored = 7201}, true);
  see(found("d"));
  const auto row = lease_one().row;
  now_ += 2h;
  record(row, failure(FailureKind::dns), 1);

  const auto hours = library_->hours(now_ - 2h, std::nullopt);
  ASSERT_EQ(hours.size(), 2U);
  EXPECT_GT(hours[0].hour, hours[1].hour);
  EXPECT_EQ(hours[0].stored, 2U);
  EXPECT_EQ(hours[0].failed, 1U);
  EXPECT_EQ(hours[0].bytes, 50U);
  EXPECT_EQ(hours[1].stored, 1U);
  EXPECT_EQ(hours[1].bytes, 10U);
  EXPECT_EQ(hours[1].hour, std::chrono::floor<std::chrono::hours>(now_ - 2h));

  const auto of_other = library_->hours(now_ - 2h, other_source_);
  ASSERT_EQ(of_other.size(), 1U);
  EXPECT_EQ(of_other[0].stored, 1U);
  EXPECT_EQ(of_other[0].failed, 0U);
  EXPECT_THAT(library_->hours(now_ + 1h, std::nullopt), IsEmpty());
}

TEST_P(ImageLibraryChangeTest, CountsTheLastHoursOfEachSource) {
  add({.image_id = "a", .type = "image/png", .size_bytes = 10, .stored = 0});
  add({.image_id = "b", .type = "image/gif", .size_bytes = 20, .stored = 7200});
  add({.image_id = "c", .size_bytes = 30, .stored = 7201}, true);
  add({.image_id = "d", .state = ImageState::deleted, .size_bytes = 40, .stored = 7202}, true);
  see(found("e"));
  const auto row = lease_one().row;
  now_ += 2h;
  record(row, failure(FailureKind::dns), 1);

  const auto sources = library_->hours_by_source(now_ - 2h);
  ASSERT_EQ(sources.size(), 2U);
  for (const auto source : {source_, other_source_}) {
    const auto alone = library_->hours(now_ - 2h, source);
    const auto& hours = sources.at(source);
    ASSERT_EQ(hours.size(), alone.size());
    for (std::size_t i = 0; i < hours.size(); ++i) {
      EXPECT_EQ(hours[i].hour, alone[i].hour);
      EXPECT_EQ(hours[i].stored, alone[i].stored);
      EXPECT_EQ(hours[i].failed, alone[i].failed);
      EXPECT_EQ(hours[i].bytes, alone[i].bytes);
    }
  }
  EXPECT_EQ(sources.at(source_).size(), 2U);
  EXPECT_EQ(sources.at(source_)[0].failed, 1U);
  EXPECT_EQ(sources.at(other_source_)[0].bytes, 30U);
  EXPECT_THAT(library_->hours_by_source(now_ + 1h), IsEmpty());
}

TEST_P(ImageLibraryChangeTest, TellsHowLongTheQueueHasWaited) {
  EXPECT_EQ(library_->queue_age().waiting, 0U);
  EXPECT_EQ(library_->queue_age().oldest_found_at, std::nullopt);
  add({.image_id = "storing", .state = ImageState::storing, .found = 1});
  add({.image_id = "a", .state = ImageState::pending, .found = 2});
  add({.image_id = "b", .state = ImageState::pending, .found = 3});
  see(found("in a poll's queue"));
  EXPECT_EQ(library_->queue_age().waiting, 2U);
  EXPECT_EQ(library_->queue_age().oldest_found_at, now_ + 2s);
}

TEST_P(ImageLibraryChangeTest, RemembersThatAnImageWasDeletedWhileItWasBeingStored) {
  const auto stored = see(found("stored")).row;
  record(lease_one().row, facts());
  const auto storing = see(found("a")).row;
  lease_one();
  const auto pending = see(found("b")).row;
  library_->remove(std::vector{stored, storing, pending}, now_);
  // Whoever stores it may be at it still.
  EXPECT_THAT(removals(now_ + 1min), IsEmpty());
  const auto deletions = removals(now_ + 1min + 1ms);
  ASSERT_EQ(deletions.size(), 1U);
  EXPECT_EQ(deletions[0].row, storing);
  EXPECT_THAT(deletions[0].keys, ElementsAre("https://a.example/a.png folder a.png"));
  EXPECT_EQ(images_->finish_removals(deletions, KeyClashes::settled_where_puts_replace, now_), 0U);
  EXPECT_THAT(removals(now_ + 1h), IsEmpty());
}

TEST_P(ImageLibraryChangeTest, KnowsThatNobodyStoresADeletedImageWhenAllLeasesAreTakenBack) {
  const auto row = see(found("a")).row;
  lease_one();
  library_->remove(std::vector{row}, now_);
  images_->take_back_all(kBackendQueue, now_);
  EXPECT_EQ(removals(now_).size(), 1U);
}

TEST_P(ImageLibraryChangeTest, RemembersADeletionAfterALeaseThatWasLost) {
  const auto row = see(found("a")).row;
  record(lease_one().row, LeaseOutcome::Released::interrupted);
  library_->remove(std::vector{row}, now_);
  EXPECT_EQ(removals(now_).size(), 1U);
}

}  // namespace
}  // namespace creel

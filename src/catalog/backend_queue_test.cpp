#include <gmock/gmock.h>
#include <soci/soci.h>

#include "catalog/repository_fixture.h"

namespace creel {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using What = Sighting::What;

/// What polls of the backend find, over and over.
class BackendQueueTest : public RepositoryFixture {
 protected:
  BackendQueueTest() { begin_poll(); }

  Sighting see(const FoundImage& image, RetryFailed retry = {}) {
    return images_->see(source_, poll_, kBackendQueue, std::vector{image}, retry, now_).front();
  }

  LeaseQuery query() const { return {.queue = kBackendQueue, .owner = "one", .now = now_, .lease_until = now_ + 1min}; }

  LeasedImage lease_one() {
    const auto leased = images_->lease(query());
    EXPECT_EQ(leased.images.size(), 1U);
    return leased.images.at(0);
  }

  /// Brings the image "a" into a state, by way of a lease.
  ImageRow settle(Result result) {
    see(found("a"));
    const auto row = lease_one().row;
    record(row, std::move(result), 1, "one");
    begin_poll();
    return row;
  }

  static FoundImage told() {
    auto image = found("a");
    image.title = "Sunset at sea";
    image.description = "";
    image.attribution_id = "u17";
    image.attribution_name = "Zo\xC3\xAB";
    image.attribution_url = "https://a.example/u17";
    image.page_url = "https://a.example/gallery/a";
    image.type = "image/png";
    image.width = 4'000'000'000;
    image.height = 600;
    image.nsfw = false;
    image.published_at = SystemTime(1'600'000'000'123ms);
    return image;
  }
};

INSTANTIATE_TEST_SUITE_P(On, BackendQueueTest, testing::Values(kSqlite, kPostgresql),
                         [](const auto& test) { return test.param.name; });

TEST_P(BackendQueueTest, TellsNewImagesFromKnownOnes) {
  const auto first = see(found("a"));
  EXPECT_TRUE(first.is_new);
  begin_poll();
  const auto both = images_->see(source_, poll_, kBackendQueue, std::vector{found("b"), found("a")}, {}, now_);
  EXPECT_TRUE(both[0].is_new);
  EXPECT_FALSE(both[1].is_new);
  EXPECT_EQ(both[1].row, first.row);
  EXPECT_NE(both[0].row, first.row);
}

TEST_P(BackendQueueTest, HandsOnWhatTheSourceTold) {
  see(told());
  const auto leased = lease_one();
  EXPECT_EQ(leased.source, source_);
  const auto& image = leased.image;
  EXPECT_EQ(image.title, "Sunset at sea");
  EXPECT_EQ(image.description, "");
  EXPECT_EQ(image.attribution_id, "u17");
  EXPECT_EQ(image.attribution_name, "Zo\xC3\xAB");
  EXPECT_EQ(image.attribution_url, "https://a.example/u17");
  EXPECT_EQ(image.page_url, "https://a.example/gallery/a");
  EXPECT_EQ(image.type, "image/png");
  EXPECT_EQ(image.width, 4'000'000'000U);
  EXPECT_EQ(image.height, 600U);
  EXPECT_EQ(image.nsfw, false);
  EXPECT_EQ(image.published_at, SystemTime(1'600'000'000'123ms));
}

TEST_P(BackendQueueTest, LeavesOpenWhatTheSourceDidNotTell) {
  see(found("a"));
  const auto image = lease_one().image;
  EXPECT_EQ(image.title, std::nullopt);
  EXPECT_EQ(image.width, std::nullopt);
  EXPECT_EQ(image.nsfw, std::nullopt);
  EXPECT_EQ(image.published_at, std::nullopt);
}

TEST_P(BackendQueueTest, IsApartFromThoseOfJobs) {
  images_->see(source_, poll_, queue_of(poll_), std::vector{found("job")}, {}, now_);
  see(found("backend"));
  EXPECT_THAT(ids(images_->lease(query())), ElementsAre("backend"));
  EXPECT_EQ(images_->counts(poll_).pending, 1U);
}

TEST_P(BackendQueueTest, LeavesAnImageThatWaitsAsItIs) {
  see(found("a"));
  record(lease_one().row, LeaseOutcome::Again{failure(FailureKind::timeout), now_ + 1h}, 3, "one");
  begin_poll();
  EXPECT_EQ(see(found("a", "b.example")).what, What::pending);
  EXPECT_THAT(images_->lease(query()).images, IsEmpty());
  now_ += 1h;
  const auto image = lease_one();
  EXPECT_EQ(image.attempts, 3);
  EXPECT_EQ(image.image.host, "a.example");
}

TEST_P(BackendQueueTest, LeavesAnImageThatIsBeingStoredAlone) {
  see(found("a"));
  lease_one();
  begin_poll();
  EXPECT_EQ(see(found("a")).what, What::pending);
  EXPECT_THAT(images_->lease(query()).images, IsEmpty());
}

TEST_P(BackendQueueTest, KeepsWhatItKnowsOfAStoredImage) {
  auto stored = facts();
  stored.store_url = "s3://bucket/folder/a.png";
  stored.origin_etag = "\"v1\"";
  stored.origin_last_modified = "Tue, 24 Nov 2026 20:28:15 GMT";
  settle(stored);
  const auto sighting = see(told());
  ASSERT_EQ(sighting.what, What::stored);
  EXPECT_EQ(sighting.stored->store_url, stored.store_url);
  EXPECT_EQ(sighting.stored->origin_etag, stored.origin_etag);
  EXPECT_EQ(sighting.stored->origin_last_modified, stored.origin_last_modified);
  EXPECT_EQ(sighting.stored->width, 640U);
  int titles = 0;
  catalog_->session() << "select count(title) from images", soci::into(titles);
  EXPECT_EQ(titles, 0);
}

TEST_P(BackendQueueTest, TriesAnImageThatFailedInPassingAgainAfterADay) {
  settle(failure(FailureKind::timeout));
  now_ += 24h - 1ms;
  EXPECT_EQ(see(found("a")).what, What::failed);
  now_ += 1ms;
  begin_poll();
  const auto sighting = see(found("a"));
  EXPECT_EQ(sighting.what, What::pending);
  EXPECT_FALSE(sighting.is_new);
  EXPECT_EQ(lease_one().attempts, 0);
}

TEST_P(BackendQueueTest, TriesAnImageThatFailedForGoodOnlyWhenAsked) {
  settle(failure(FailureKind::not_found));
  now_ += 240h;
  EXPECT_EQ(see(found("a")).what, What::failed);
  EXPECT_EQ(see(found("a"), {.kind = FailureKind::not_found}).what, What::pending);
}

TEST_P(BackendQueueTest, LeavesATombstoneAlone) {
  settle(facts());
  catalog_->session() << "update images set state = 4";
  EXPECT_EQ(see(found("a"), {.all = true}).what, What::deleted);
}

TEST_P(BackendQueueTest, CountsWhatIsNewOnceOnly) {
  see(found("a"));
  see(found("a"));
  begin_poll();
  see(found("a"));
  see(found("b"));
  int found_images = 0;
  int new_images = 0;
  const auto poll = static_cast<long long>(poll_);
  catalog_->session() << "select found_images, new_images from polls where id = :id", soci::use(poll),
      soci::into(found_images), soci::into(new_images);
  EXPECT_EQ(found_images, 2);
  EXPECT_EQ(new_images, 1);
}

TEST_P(BackendQueueTest, TakesTextThatIsNoTextWithReplacements) {
  auto image = found(std::string("a\0b", 3));
  image.title = "caf\xE9 \xF0\x9F\x8C\x85";
  image.meta = std::string("{\"k\":\"\0\"}", 9);
  see(image);
  const auto leased = lease_one();
  EXPECT_EQ(leased.image.image_id, "ab");
  EXPECT_EQ(leased.image.title, "caf\xEF\xBF\xBD \xF0\x9F\x8C\x85");
  EXPECT_EQ(leased.image.meta, "{\"k\":\"\"}");
  begin_poll();
  EXPECT_FALSE(see(image).is_new);
}

TEST_P(BackendQueueTest, RecordsTextThatIsNoTextWithReplacements) {
  auto stored = facts();
  stored.origin_etag = std::string("\xFF\0x", 3);
  settle(stored);
  EXPECT_EQ(see(found("a")).stored->origin_etag, "\xEF\xBF\xBDx");
}

TEST_P(BackendQueueTest, TakesManyImagesOfManyHostsAtOnce) {
  std::vector<FoundImage> list;
  for (int i = 0; i < 2500; ++i) list.push_back(found(std::to_string(i), std::to_string(i % 700) + ".example"));
  list.push_back(list.front());
  const auto sightings = images_->see(source_, poll_, kBackendQueue, list, {}, now_);
  EXPECT_TRUE(sightings[2499].is_new);
  EXPECT_EQ(sightings[2500].what, What::repeated);
  auto asked = query();
  asked.max_images = 10'000;
  asked.max_new_hosts = 10'000;
  const auto leased = images_->lease(asked);
  ASSERT_EQ(leased.images.size(), 2500U);
  for (const auto& one : leased.images) {
    EXPECT_EQ(one.image.host, std::to_string(std::stoi(one.image.image_id) % 700) + ".example");
  }
}

}  // namespace
}  // namespace creel

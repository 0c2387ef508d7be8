#include "catalog/image_repository.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <soci/soci.h>

#include "catalog/repository_fixture.h"

namespace creel {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using What = Sighting::What;

class ImageRepositoryTest : public RepositoryFixture {
 protected:
  ImageRepositoryTest() { begin_poll(); }

  /// Brings the image "a" into a state, by way of a lease.
  ImageRow settle(Result result, int attempts = 1) {
    see(found("a"));
    const auto row = lease_one().row;
    record(row, std::move(result), attempts);
    return row;
  }
};

INSTANTIATE_TEST_SUITE_P(On, ImageRepositoryTest, testing::Values(kSqlite, kPostgresql),
                         [](const auto& test) { return test.param.name; });

TEST_P(ImageRepositoryTest, FindsASourceAgainByItsName) {
  EXPECT_EQ(images_->source("urls.txt", "list"), source_);
  EXPECT_NE(images_->source("other.txt", "list"), source_);
}

TEST_P(ImageRepositoryTest, QueuesAnImageThatIsNew) {
  EXPECT_EQ(see(found("a")).what, What::pending);
  const auto image = lease_one();
  EXPECT_EQ(image.image.image_id, "a");
  EXPECT_EQ(image.image.url, "https://a.example/a.png");
  EXPECT_EQ(image.image.host, "a.example");
  EXPECT_EQ(image.image.folder, "folder");
  EXPECT_EQ(image.image.file_name, "a.png");
  EXPECT_EQ(image.image.fetch_headers, R"({"Accept":"image/png"})");
  EXPECT_EQ(image.image.meta, R"({"title":"Sunset"})");
  EXPECT_EQ(image.attempts, 0);
  EXPECT_FALSE(image.interrupted);
}

TEST_P(ImageRepositoryTest, AnswersInTheOrderOfTheList) {
  see(found("b"));
  const auto sightings = images_->see(source_, poll_, queue_of(poll_),
                                      std::vector{found("a"), found("b"), found("a"), found("c")}, {}, now_);
  std::vector<What> what;
  for (const auto& sighting : sightings) what.push_back(sighting.what);
  EXPECT_THAT(what, ElementsAre(What::pending, What::repeated, What::repeated, What::pending));
}

TEST_P(ImageRepositoryTest, KeepsTheImagesOfSourcesApart) {
  see(found("a"));
  const auto other = images_->source("other.txt", "list");
  const auto poll = images_->begin_poll(other, now_);
  EXPECT_EQ(images_->see(other, poll, queue_of(poll), std::vector{found("a")}, {}, now_).front().what, What::pending);
}

TEST_P(ImageRepositoryTest, TellsWhatItKnowsOfAStoredImage) {
  settle(facts(), 2);
  begin_poll();
  const auto sighting = see(found("a"));
  ASSERT_EQ(sighting.what, What::stored);
  EXPECT_EQ(sighting.attempts, 2);
  EXPECT_EQ(sighting.stored->key, "folder/a.png");
  EXPECT_EQ(sighting.stored->final_url, "https://cdn.example/a.png");
  EXPECT_EQ(sighting.stored->etag, "abc");
  EXPECT_EQ(sighting.stored->content_type, "image/png");
  EXPECT_EQ(sighting.stored->sha256, std::string(64, 'f'));
  EXPECT_EQ(sighting.stored->size_bytes, 5'000'000'000U);
  EXPECT_EQ(sighting.stored->width, 640U);
  EXPECT_EQ(sighting.stored->height, std::nullopt);
  EXPECT_TRUE(images_->lease(query()).images.empty());
}

TEST_P(ImageRepositoryTest, KnowsAnImageStoredInThisPollAsRepeated) {
  settle(facts());
  EXPECT_EQ(see(found("a")).what, What::repeated);
}

TEST_P(ImageRepositoryTest, TellsWhyAnImageFailedForGood) {
  settle(failure(FailureKind::not_found), 3);
  begin_poll();
  const auto sighting = see(found("a"));
  ASSERT_EQ(sighting.what, What::failed);
  EXPECT_EQ(sighting.attempts, 3);
  EXPECT_EQ(sighting.failure->kind, FailureKind::not_found);
  EXPECT_EQ(sighting.failure->message, "why it failed");
  EXPECT_EQ(see(found("a")).what, What::repeated);
}

TEST_P(ImageRepositoryTest, GivesEveryFailedImageAnotherChanceWhenAsked) {
  settle(failure(FailureKind::not_found), 3);
  begin_poll();
  EXPECT_EQ(see(found("a"), {.all = true}).what, What::pending);
  EXPECT_EQ(lease_one().attempts, 0);
}

TEST_P(ImageRepositoryTest, GivesFailedImagesOfOneKindAnotherChanceWhenAsked) {
  settle(failure(FailureKind::not_found));
  begin_poll();
  EXPECT_EQ(see(found("a"), {.kind = FailureKind::too_large}).what, What::failed);
  begin_poll();
  EXPECT_EQ(see(found("a"), {.kind = FailureKind::not_found}).what, What::pending);
}

TEST_P(ImageRepositoryTest, GivesAnImageThatFailedInPassingAnotherChanceUnasked) {
  settle(failure(FailureKind::timeout), 5);
  begin_poll();
  EXPECT_EQ(see(found("a")).what, What::pending);
  EXPECT_EQ(lease_one().attempts, 0);
}

TEST_P(ImageRepositoryTest, LeavesATombstoneAlone) {
  settle(facts());
  catalog_->session() << "update images set state = 4";
  begin_poll();
  EXPECT_EQ(see(found("a"), {.all = true}).what, What::deleted);
  EXPECT_TRUE(images_->lease(query()).images.empty());
}

TEST_P(ImageRepositoryTest, StartsALeftOverImageAfreshAsTheNewListHasIt) {
  settle(LeaseOutcome::Again{failure(FailureKind::timeout), now_ + 1h}, 4);
  begin_poll();
  auto changed = found("a", "b.example");
  changed.folder = "elsewhere";
  EXPECT_EQ(see(changed).what, What::pending);
  const auto image = lease_one();
  EXPECT_EQ(image.attempts, 0);
  EXPECT_EQ(image.image.host, "b.example");
  EXPECT_EQ(image.image.url, "https://b.example/a.png");
  EXPECT_EQ(image.image.folder, "elsewhere");
}

TEST_P(ImageRepositoryTest, ForgetsWhyAnImageFailedOnceItIsStored) {
  settle(LeaseOutcome::Again{failure(FailureKind::timeout), now_});
  record(lease_one().row, facts(), 1);
  begin_poll();
  EXPECT_EQ(see(found("a")).failure, std::nullopt);
  int failures = 0;
  catalog_->session() << "select count(failure_kind) from images", soci::into(failures);
  EXPECT_EQ(failures, 0);
}

TEST_P(ImageRepositoryTest, RecordsAnOutcomeTwiceAsOnce) {
  const auto row = settle(facts());
  record(row, failure(FailureKind::not_found));
  record(row, LeaseOutcome::Again{failure(FailureKind::timeout), now_});
  record(row, LeaseOutcome::Released::interrupted);
  EXPECT_EQ(images_->counts(poll_).stored, 1U);
  EXPECT_FALSE(images_->lease(query()).more);
}

TEST_P(ImageRepositoryTest, LeavesAnImageThatNobodyBeganAsItWas) {
  settle(LeaseOutcome::Again{failure(FailureKind::timeout), now_}, 1);
  record(lease_one().row, LeaseOutcome::Released::untouched, 0);
  const auto image = lease_one();
  EXPECT_FALSE(image.interrupted);
  EXPECT_EQ(image.attempts, 1);
}

TEST_P(ImageRepositoryTest, MarksAReleasedImageAsInterrupted) {
  settle(LeaseOutcome::Again{failure(FailureKind::timeout), now_}, 1);
  record(lease_one().row, LeaseOutcome::Released::interrupted, 0);
  const auto image = lease_one();
  EXPECT_TRUE(image.interrupted);
  EXPECT_EQ(image.attempts, 1);
}

TEST_P(ImageRepositoryTest, AFailedTrySaysNothingNewAboutAnInterruption) {
  settle(LeaseOutcome::Again{failure(FailureKind::timeout), now_});
  auto image = lease_one();
  EXPECT_FALSE(image.interrupted);
  record(image.row, LeaseOutcome::Released::interrupted);
  record(lease_one().row, LeaseOutcome::Again{failure(FailureKind::timeout), now_}, 2);
  EXPECT_TRUE(lease_one().interrupted);
}

TEST_P(ImageRepositoryTest, TakesBackTheLeasesOfAProcessThatIsGone) {
  see(found("a"));
  lease_one();
  open();
  EXPECT_EQ(images_->take_back_all(std::nullopt, now_), 1U);
  begin_poll();
  EXPECT_EQ(see(found("a")).what, What::pending);
  EXPECT_TRUE(lease_one().interrupted);
}

TEST_P(ImageRepositoryTest, TakesBackNoLeaseOfAnotherQueueUnlessAsked) {
  see(found("a"));
  lease_one();
  EXPECT_EQ(images_->take_back_all(kBackendQueue, now_), 0U);
  EXPECT_EQ(images_->counts(poll_).storing, 1U);
  EXPECT_EQ(images_->take_back_all(queue_of(poll_), now_), 1U);
}

TEST_P(ImageRepositoryTest, LosesNothingWhenItsProcessIsKilled) {
  images_.reset();
  catalog_.reset();
  const pid_t child = ::fork();
  if (child == 0) {
    open();
    begin_poll();
    see({"a", "b", "c"}, "a.example");
    const auto leased = images_->lease(query());
    record(leased.images[1].row, facts());
    ::raise(SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));

  open();
  images_->take_back_all(std::nullopt, now_);
  begin_poll();
  EXPECT_EQ(see(found("a")).what, What::pending);
  EXPECT_EQ(see(found("b")).what, What::stored);
  EXPECT_EQ(see(found("c")).what, What::pending);
  const auto leased = images_->lease(query());
  EXPECT_THAT(ids(leased), ElementsAre("a", "c"));
  EXPECT_TRUE(leased.images[0].interrupted);
}

TEST_P(ImageRepositoryTest, CountsTheImagesOfAPollByState) {
  see({"a", "b", "c", "d", "e"}, "a.example");
  const auto leased = images_->lease(query());
  record(leased.images[0].row, facts());
  record(leased.images[1].row, facts());
  record(leased.images[2].row, failure(FailureKind::not_found));
  record(leased.images[3].row, LeaseOutcome::Released::interrupted);
  const auto first = images_->counts(poll_);
  EXPECT_EQ(first.pending, 1U);
  EXPECT_EQ(first.storing, 1U);
  EXPECT_EQ(first.stored, 2U);
  EXPECT_EQ(first.failed, 1U);

  begin_poll();
  see({"a", "c"}, "a.example");
  const auto second = images_->counts(poll_);
  EXPECT_EQ(second.pending, 0U);
  EXPECT_EQ(second.stored, 1U);
  EXPECT_EQ(second.failed, 1U);
}

TEST_P(ImageRepositoryTest, NotesWhatAPollFoundAndWhenItEnded) {
  see({"a", "b", "b"}, "a.example");
  begin_poll();
  see({"b", "c"}, "a.example");
  images_->end_poll(poll_, now_ + 5s);
  const auto poll = static_cast<long long>(poll_);
  int found = 0;
  int fresh = 0;
  long long took = 0;
  catalog_->session() << "select found_images, new_images, ended_at - started_at from polls where id = :id",
      soci::use(poll), soci::into(found), soci::into(fresh), soci::into(took);
  EXPECT_EQ(found, 2);
  EXPECT_EQ(fresh, 1);
  EXPECT_EQ(took, 5000);
}

TEST_P(ImageRepositoryTest, TakesTextOfAnyKind) {
  auto image = found("it's; \"odd\" -- \xE2\x98\x83");
  image.meta = "";
  see(image);
  const auto leased = lease_one();
  EXPECT_EQ(leased.image.image_id, image.image_id);
  EXPECT_EQ(leased.image.meta, "");
}

TEST_P(ImageRepositoryTest, ChangesNothingWhenACallFailsHalfWay) {
  const auto nowhere = SourceId{9999};
  EXPECT_THROW(images_->see(nowhere, poll_, queue_of(poll_), std::vector{found("a", "new.example")}, {}, now_),
               Failure);
  // The number that "new.example" had in the failed call must be forgotten.
  see(found("b", "other.example"));
  see(found("c", "new.example"));
  std::vector<std::string> hosts;
  for (const auto& leased : images_->lease(query()).images) hosts.push_back(leased.image.host);
  EXPECT_THAT(hosts, ElementsAre("other.example", "new.example"));
}

TEST_P(ImageRepositoryTest, RevealsNoBoundValueInAFailure) {
  auto image = found("a");
  image.fetch_headers = R"({"Authorization":"Bearer s3cret"})";
  try {
    images_->see(SourceId{9999}, poll_, queue_of(poll_), std::vector{image}, {}, now_);
    FAIL() << "the source is unknown";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.kind(), FailureKind::internal);
    EXPECT_THAT(failure.what(), Not(HasSubstr("s3cret")));
  }
}

TEST_P(ImageRepositoryTest, GoesOnAfterTheDiskWasFull) {
  if (GetParam().name != "Sqlite") return;  // the limit is SQLite's
  int pages = 0;
  catalog_->session() << "pragma page_count", soci::into(pages);
  catalog_->session() << "pragma max_page_count = " + std::to_string(pages);
  std::vector<FoundImage> many;
  for (int i = 0; i < 1000; ++i) many.push_back(found(std::to_string(i), std::to_string(i)));
  try {
    images_->see(source_, poll_, queue_of(poll_), many, {}, now_);
    FAIL() << "there is no room";
  } catch (const CatalogUnavailable& failure) {
    EXPECT_EQ(failure.kind(), FailureKind::internal);
    EXPECT_THAT(failure.what(), HasSubstr("full"));
  }
  catalog_->session() << "pragma max_page_count = 1000000";
  EXPECT_EQ(images_->counts(poll_).pending, 0U);
  EXPECT_EQ(images_->see(source_, poll_, queue_of(poll_), many, {}, now_).back().what, What::pending);
  EXPECT_EQ(images_->counts(poll_).pending, 1000U);
}

}  // namespace
}  // namespace creel

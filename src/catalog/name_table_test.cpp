// How images of the backend's queue come to have keys of their own.

#include "catalog/name_table.h"

#include <future>

#include <gmock/gmock.h>
#include <soci/soci.h>

#include "catalog/connected.h"
#include "catalog/image_library.h"
#include "catalog/own_name.h"
#include "catalog/repository_fixture.h"

namespace creel {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;
using enum KeyClashes;

class NameTableTest : public RepositoryFixture {
 protected:
  NameTableTest() { begin_poll(); }

  ImageRow see(const std::string& id, const std::string& file_name) {
    auto image = found(id);
    image.file_name = file_name;
    return images_->see(source_, poll_, kBackendQueue, std::vector{image}, {}, now_).front().row;
  }

  std::vector<LeasedImage> lease() {
    return images_
        ->lease({.queue = kBackendQueue,
                 .owner = "one",
                 .now = now_,
                 .lease_until = now_ + 1min,
                 .possible_keys =
                     [](const FoundImage& image) {
                       return std::vector<std::string>{image.folder + "/" + image.file_name,
                                                       image.folder + "/" + image.file_name + ".gif"};
                     }})
        .images;
  }

  /// The names of what can be leased.
  std::vector<std::string> leased_names() {
    std::vector<std::string> names;
    for (const auto& image : lease()) names.push_back(image.image.file_name);
    return names;
  }

  /// How the image ended under the key "folder/cat.png", with bytes of its own.
  static LeaseOutcome stored(ImageRow row, const std::string& bytes) {
    auto facts = RepositoryFixture::facts();
    facts.key = "folder/cat.png";
    facts.sha256 = bytes;
    return {.row = row, .attempts = 1, .result = facts};
  }

  static LeaseOutcome kept(ImageRow row, const std::string& bytes) {
    auto outcome = stored(row, bytes);
    outcome.object_was_kept = true;
    return outcome;
  }

  Recorded record(const std::vector<LeaseOutcome>& outcomes, KeyClashes how = settled_where_puts_replace) {
    return images_->record(outcomes, "one", now_, how);
  }

  /// Two images whose names are one, leased so that neither knows of the other.
  std::pair<ImageRow, ImageRow> two_under_way() {
    const auto a = see("a", "cat.png");
    EXPECT_EQ(lease().size(), 1U);
    const auto b = see("b", "cat.png");
    EXPECT_EQ(lease().size(), 1U);
    return {a, b};
  }

  void remove(ImageRow row) { ImageLibrary(*catalog_).remove(std::span(&row, 1), now_); }

  RemovalQuery removals(SystemTime at) const {
    return {.now = at, .until = at + 1min, .possible_keys = [](const FoundImage& image) {
              return std::vector<std::string>{image.folder + "/" + image.file_name};
            }};
  }

  ImageDetails details(ImageRow row) { return ImageLibrary(*catalog_).find(row).value(); }
  std::string own(const std::string& id) const { return own_name("cat.png", source_, id); }
};

INSTANTIATE_TEST_SUITE_P(On, NameTableTest, testing::Values(kSqlite, kPostgresql),
                         [](const auto& test) { return test.param.name; });

TEST_P(NameTableTest, GivesImagesOfOneNameThatAreLeasedTogetherNamesOfTheirOwn) {
  for (const auto* id : {"a", "b", "c"}) see(id, "cat.png");
  see("cat.png", "cat.png");
  EXPECT_THAT(leased_names(), ElementsAre("cat.png", own("b"), own("c"), own("cat.png")));
}

TEST_P(NameTableTest, LeavesTheObjectOfAStoredImageAlone) {
  const auto a = see("a", "cat.png");
  lease();
  record({stored(a, "1")});
  const auto b = see("b", "cat.png");
  EXPECT_THAT(leased_names(), ElementsAre(own("b")));
  EXPECT_EQ(details(b).file_name, own("b"));
  EXPECT_EQ(details(a).state, ImageState::stored);
}

TEST_P(NameTableTest, LooksAtAllKeysThatTheImageMayGet) {
  const auto a = see("a", "other");
  lease();
  auto outcome = stored(a, "1");
  std::get<StoredFacts>(outcome.result).key = "folder/cat.png.gif";
  record({outcome});
  see("b", "cat.png");
  EXPECT_THAT(leased_names(), ElementsAre(own("b")));
}

TEST_P(NameTableTest, DoesNotLookAtNamesThatAreTheImagesIds) {
  const auto a = see("a", "cat.png");
  lease();
  record({stored(a, "1")});
  see("cat.png", "cat.png");
  EXPECT_THAT(leased_names(), ElementsAre("cat.png"));
}

TEST_P(NameTableTest, FetchesAnImageAnewThatMayHaveBeenReplacedBeforeACrash) {
  const auto [a, b] = two_under_way();
  // The program of "b" is killed after its put.
  record({stored(a, "1"), {.row = b, .attempts = 0, .result = LeaseOutcome::Released::interrupted}});
  EXPECT_THAT(leased_names(), ElementsAre(own("b")));
  EXPECT_EQ(details(a).state, ImageState::pending);
  EXPECT_THAT(leased_names(), ElementsAre("cat.png"));
}

TEST_P(NameTableTest, SettlesImagesThatWereStoredAtOneTime) {
  const auto [a, b] = two_under_way();
  const auto recorded = record({stored(a, "1"), stored(b, "2")});
  EXPECT_THAT(recorded.queued_again, ElementsAre(a, b));
  const auto leased = lease();
  ASSERT_EQ(leased.size(), 2U);
  EXPECT_EQ(leased[0].image.file_name, "cat.png");
  EXPECT_EQ(leased[1].image.file_name, own("b"));
  for (const auto& image : leased) {
    // What is there may be its own.
    EXPECT_TRUE(image.interrupted);
    EXPECT_EQ(image.attempts, 0);
  }
  EXPECT_EQ(details(a).key, std::nullopt);
  EXPECT_EQ(details(a).sha256, std::nullopt);
}

TEST_P(NameTableTest, EndsWithEveryImageUnderAKeyOfItsOwn) {
  const auto [a, b] = two_under_way();
  record({stored(a, "1")});
  EXPECT_THAT(record({stored(b, "2")}).queued_again, ElementsAre(a, b));
  lease();
  auto outcome = stored(b, "2");
  std::get<StoredFacts>(outcome.result).key = "folder/" + own("b");
  EXPECT_THAT(record({stored(a, "1"), outcome}).queued_again, IsEmpty());
  EXPECT_EQ(details(a).key, "folder/cat.png");
  EXPECT_EQ(details(b).key, "folder/" + own("b"));
}

TEST_P(NameTableTest, LetsEqualBytesShareAKey) {
  const auto [a, b] = two_under_way();
  EXPECT_THAT(record({stored(a, "1"), stored(b, "1")}).queued_again, IsEmpty());
  EXPECT_EQ(details(a).state, ImageState::stored);
  EXPECT_EQ(details(b).state, ImageState::stored);
}

TEST_P(NameTableTest, RenamesNobodyTwice) {
  const auto [a, b] = two_under_way();
  record({stored(a, "1"), stored(b, "2")});
  lease();
  // A store that has one key for both all the same: somebody named an image like that.
  const auto recorded = record({stored(a, "1"), stored(b, "2")});
  EXPECT_THAT(recorded.queued_again, ElementsAre(a, b));
  EXPECT_THAT(leased_names(), ElementsAre(own("a"), own("b")));
  EXPECT_THAT(record({stored(a, "3"), stored(b, "2")}).queued_again, IsEmpty());
}

TEST_P(NameTableTest, LeavesTheOneThatPutItsObjectAloneWherePutsKeepWhatIsThere) {
  const auto [a, b] = two_under_way();
  record({kept(b, "2")}, settled_where_puts_keep);
  const auto recorded = record({stored(a, "1")}, settled_where_puts_keep);
  EXPECT_THAT(recorded.queued_again, ElementsAre(b));
  EXPECT_EQ(details(a).state, ImageState::stored);
  EXPECT_THAT(leased_names(), ElementsAre(own("b")));
}

TEST_P(NameTableTest, FetchesAnImageAnewThatADeletedOneHasReplaced) {
  const auto [a, b] = two_under_way();
  record({stored(a, "1")});
  ImageLibrary(*catalog_).remove(std::span(&b, 1), now_);
  const auto recorded = record({stored(b, "2")});
  EXPECT_THAT(recorded.queued_again, ElementsAre(a));
  EXPECT_THAT(recorded.deleted, IsEmpty());
  EXPECT_THAT(recorded.deleted_in_use, ElementsAre(b));
  EXPECT_THAT(leased_names(), ElementsAre("cat.png"));
}

TEST_P(NameTableTest, LeavesAnObjectAloneThatIsAnothers) {
  const auto [a, b] = two_under_way();
  auto mistaken = kept(b, "2");
  mistaken.object_is_another = true;
  // The program of "a" is killed after its put.
  EXPECT_THAT(record({mistaken}, settled_where_puts_keep).queued_again, ElementsAre(b));
  EXPECT_THAT(leased_names(), ElementsAre(own("b")));
  // With a name of its own it is its own.
  EXPECT_THAT(record({mistaken, kept(a, "1")}, settled_where_puts_keep).queued_again, IsEmpty());
  EXPECT_EQ(details(b).state, ImageState::stored);
}

TEST_P(NameTableTest, RemovesNoObjectOfAnotherThatADeletedImageHasFound) {
  const auto [a, b] = two_under_way();
  remove(b);
  auto mistaken = kept(b, "2");
  mistaken.object_is_another = true;
  EXPECT_THAT(record({mistaken}, settled_where_puts_keep).deleted, IsEmpty());
  EXPECT_THAT(images_->take_removals(removals(now_ + 2min)), IsEmpty());
}

TEST_P(NameTableTest, TakesNoNameWhoseObjectIsAboutToBeRemoved) {
  const auto a = see("a", "cat.png");
  lease();
  remove(a);
  see("cat.png", "cat.png");
  see("b", "cat.png");
  EXPECT_THAT(leased_names(), ElementsAre(own("cat.png"), own("b")));
  const auto taken = images_->take_removals(removals(now_ + 2min));
  ASSERT_EQ(taken.size(), 1U);
  EXPECT_THAT(taken[0].keys, ElementsAre("folder/cat.png"));
  see("c", "cat.png");
  EXPECT_THAT(leased_names(), ElementsAre(own("c")));
  images_->finish_removals(taken, settled_where_puts_replace, now_);
  see("d", "cat.png");
  EXPECT_THAT(leased_names(), ElementsAre("cat.png"));
}

TEST_P(NameTableTest, RemovesNothingThatAnImageUnderWayMayHavePut) {
  const auto [a, b] = two_under_way();
  remove(a);
  EXPECT_FALSE(images_->take_removal(a, "folder/cat.png", removals(now_)));
  const auto held_up = images_->take_removals(removals(now_ + 2min));
  ASSERT_EQ(held_up.size(), 1U);
  EXPECT_TRUE(held_up[0].is_held_up);
  // It stands behind the others.
  EXPECT_THAT(images_->take_removals(removals(now_ + 2min)), IsEmpty());
  record({{.row = b, .attempts = 1, .result = failure(FailureKind::not_found)}});
  EXPECT_EQ(images_->take_removals(removals(now_ + 4min)).size(), 1U);
  EXPECT_TRUE(images_->take_removal(a, "folder/cat.png", removals(now_)));
}

TEST_P(NameTableTest, FetchesAnImageAnewThatAnUnfinishedOneMayHaveReplaced) {
  const auto [a, b] = two_under_way();
  record({stored(a, "1")});
  remove(b);
  const auto taken = images_->take_removals(removals(now_ + 2min));
  ASSERT_EQ(taken.size(), 1U);
  EXPECT_THAT(taken[0].keys, IsEmpty());
  EXPECT_THAT(taken[0].shared_keys, ElementsAre("folder/cat.png"));
  EXPECT_EQ(images_->finish_removals(taken, settled_where_puts_keep, now_), 0U);
  EXPECT_EQ(images_->finish_removals(taken, settled_where_puts_replace, now_), 1U);
  EXPECT_THAT(leased_names(), ElementsAre("cat.png"));
}

TEST_P(NameTableTest, LetsAnImageThatIsBroughtBackWaitUntilNothingIsRemovedAnyMore) {
  const auto a = see("a", "cat.png");
  lease();
  remove(a);
  ASSERT_EQ(images_->take_removals(removals(now_ + 2min)).size(), 1U);
  now_ += 2min;
  begin_poll();
  auto image = found("a");
  image.file_name = "cat.png";
  images_->see(source_, poll_, kBackendQueue, std::vector{image}, {.deleted = true}, now_);
  EXPECT_THAT(leased_names(), IsEmpty());
  now_ += 1min;
  EXPECT_THAT(leased_names(), ElementsAre("cat.png"));
}

TEST_P(NameTableTest, LetsTheLaterOneWinInAJobThatRunsOnce) {
  const auto [a, b] = two_under_way();
  EXPECT_THAT(record({stored(a, "1"), stored(b, "2")}, ignored).queued_again, IsEmpty());
  EXPECT_EQ(details(a).state, ImageState::stored);
  EXPECT_EQ(details(b).state, ImageState::stored);
}

/// Two programs that share a database.
class SharedNameTableTest : public NameTableTest {};

INSTANTIATE_TEST_SUITE_P(On, SharedNameTableTest, testing::Values(kPostgresql),
                         [](const auto& test) { return test.param.name; });

struct Backends {
  Backends(soci::session& session_in, Dialect) : session(session_in) {}
  soci::session& session;
};

TEST_P(SharedNameTableTest, SeesWhatAnotherProgramIsJustRecording) {
  const auto under_way = two_under_way();
  const auto a = under_way.first;
  const auto b = under_way.second;
  const auto other = catalog_->another();
  Connected<Backends> elsewhere(*other);
  std::future<Recorded> second;
  elsewhere.write([&](Backends& backends) {
    NameTable names(backends.session, Dialect::postgresql);
    backends.session << "update images set state = 2, key = 'folder/cat.png', sha256 = '1' where id = "
                     << static_cast<long long>(a);
    Recorded first;
    names.settle(std::vector{stored(a, "1")}, first, settled_where_puts_replace, now_);
    EXPECT_THAT(first.queued_again, IsEmpty());
    second = std::async(std::launch::async, [this, b] { return record({stored(b, "2")}); });
    // Until it waits for this one.
    int waiting = 0;
    while (waiting == 0 && second.wait_for(0s) == std::future_status::timeout) {
      backends.session << "select count(*) from pg_locks where locktype = 'advisory' and not granted",
          soci::into(waiting);
    }
  });
  EXPECT_THAT(second.get().queued_again, UnorderedElementsAre(a, b));
}

}  // namespace
}  // namespace creel

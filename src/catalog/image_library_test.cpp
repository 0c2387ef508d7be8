#include "catalog/image_library.h"

#include <gmock/gmock.h>

#include "base/failure.h"
#include "catalog/image_library_fixture.h"

namespace creel {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class ImageLibraryTest : public LibraryFixture {};

INSTANTIATE_TEST_SUITE_P(On, ImageLibraryTest, testing::Values(kSqlite, kPostgresql),
                         [](const auto& test) { return test.param.name; });

TEST_P(ImageLibraryTest, FindsAnImageWithAllThatIsKnownOfIt) {
  auto image = found("a");
  image.title = "Sunset at sea";
  image.description = "Taken from the pier";
  image.attribution_id = "42";
  image.attribution_name = "Zoë";
  image.attribution_url = "https://a.example/zoe";
  image.page_url = "https://a.example/page";
  image.nsfw = true;
  image.published_at = now_ - 24h;
  see(image);
  const auto row = lease_one().row;
  now_ += 5s;
  auto stored = facts();
  stored.store_url = "s3://bucket/folder/a.png";
  stored.origin_etag = "\"o\"";
  stored.origin_last_modified = "Mon, 01 Jan 2024 00:00:00 GMT";
  record(row, stored, 1);

  const auto found = library_->find(row).value();
  EXPECT_EQ(found.id, row);
  EXPECT_EQ(found.source, source_);
  EXPECT_EQ(found.source_name, "urls.txt");
  EXPECT_EQ(found.image_id, "a");
  EXPECT_EQ(found.image_url, "https://a.example/a.png");
  EXPECT_EQ(found.final_url, "https://cdn.example/a.png");
  EXPECT_EQ(found.page_url, "https://a.example/page");
  EXPECT_EQ(found.title, "Sunset at sea");
  EXPECT_EQ(found.description, "Taken from the pier");
  EXPECT_EQ(found.attribution_id, "42");
  EXPECT_EQ(found.attribution_name, "Zoë");
  EXPECT_EQ(found.attribution_url, "https://a.example/zoe");
  EXPECT_EQ(found.nsfw, true);
  EXPECT_EQ(found.state, ImageState::stored);
  EXPECT_FALSE(found.failure.has_value());
  EXPECT_EQ(found.attempts, 1);
  EXPECT_EQ(found.next_attempt_at, std::nullopt);
  EXPECT_EQ(found.key, "folder/a.png");
  EXPECT_EQ(found.store_url, "s3://bucket/folder/a.png");
  EXPECT_EQ(found.size_bytes, 5'000'000'000U);
  EXPECT_EQ(found.type, "image/png");
  EXPECT_EQ(found.width, 640U);
  EXPECT_EQ(found.sha256, std::string(64, 'f'));
  EXPECT_EQ(found.etag, "abc");
  EXPECT_EQ(found.origin_etag, "\"o\"");
  EXPECT_EQ(found.origin_last_modified, "Mon, 01 Jan 2024 00:00:00 GMT");
  EXPECT_EQ(found.folder_name, "folder");
  EXPECT_EQ(found.file_name, "a.png");
  EXPECT_EQ(found.meta, R"({"title":"Sunset"})");
  EXPECT_EQ(found.published_at, now_ - 24h - 5s);
  EXPECT_EQ(found.found_at, now_ - 5s);
  EXPECT_EQ(found.stored_at, now_);
  EXPECT_EQ(found.updated_at, now_);
}

TEST_P(ImageLibraryTest, LeavesEmptyWhatIsNotKnown) {
  const auto row = add({.image_id = "a", .state = ImageState::pending});
  const auto image = library_->find(row).value();
  EXPECT_EQ(image.title, std::nullopt);
  EXPECT_EQ(image.nsfw, std::nullopt);
  EXPECT_EQ(image.size_bytes, std::nullopt);
  EXPECT_EQ(image.stored_at, std::nullopt);
  EXPECT_EQ(image.next_attempt_at, std::nullopt);
  EXPECT_EQ(library_->find(ImageRow{4711}).has_value(), false);
}

TEST_P(ImageLibraryTest, TellsWhyAnImageFailedAndWhenItIsTriedAgain) {
  see(found("a"));
  const auto row = lease_one().row;
  record(row, LeaseOutcome::Again{failure(FailureKind::timeout), now_ + 1min}, 1);
  const auto image = library_->find(row).value();
  EXPECT_EQ(image.failure->kind, FailureKind::timeout);
  EXPECT_EQ(image.failure->message, "why it failed");
  EXPECT_EQ(image.next_attempt_at, now_ + 1min);
}

TEST_P(ImageLibraryTest, ListsTheNewestFirstAndHidesWhatIsDeleted) {
  add({.image_id = "old", .found = 1});
  add({.image_id = "new", .found = 3});
  add({.image_id = "gone", .state = ImageState::deleted, .found = 4});
  add({.image_id = "waiting", .state = ImageState::pending, .found = 2});
  EXPECT_THAT(walk(ImageQuery{.limit = 2}), ElementsAre("new", "waiting", "old"));
  EXPECT_THAT(walk({.state = ImageState::deleted}), ElementsAre("gone"));
}

TEST_P(ImageLibraryTest, PutsImagesWithoutTheSortKeyLast) {
  add({.image_id = "failed", .state = ImageState::failed, .failure_kind = FailureKind::dns, .found = 1});
  add({.image_id = "small", .size_bytes = 1, .found = 2, .stored = 5});
  add({.image_id = "waiting", .state = ImageState::pending, .found = 3});
  add({.image_id = "large", .size_bytes = 9, .found = 4, .stored = 6});
  EXPECT_THAT(walk({}, ImageSort::largest), ElementsAre("large", "small", "waiting", "failed"));
  EXPECT_THAT(walk({}, ImageSort::smallest), ElementsAre("small", "large", "failed", "waiting"));
  EXPECT_THAT(walk({}, ImageSort::newest_stored), ElementsAre("large", "small", "waiting", "failed"));
  EXPECT_THAT(walk({}, ImageSort::oldest_stored), ElementsAre("small", "large", "failed", "waiting"));
}

TEST_P(ImageLibraryTest, BreaksTiesByNumber) {
  for (const auto* id : {"a", "b", "c", "d", "e"}) add({.image_id = id, .size_bytes = 7, .stored = 1});
  for (const auto sort : {ImageSort::oldest_found, ImageSort::oldest_stored, ImageSort::smallest}) {
    EXPECT_THAT(walk({}, sort), ElementsAre("a", "b", "c", "d", "e"));
  }
  for (const auto sort : {ImageSort::newest_found, ImageSort::newest_stored, ImageSort::largest}) {
    EXPECT_THAT(walk({}, sort), ElementsAre("e", "d", "c", "b", "a"));
  }
}

TEST_P(ImageLibraryTest, FiltersBySource) {
  add({.image_id = "a"});
  add({.image_id = "b"}, true);
  add({.image_id = "c", .state = ImageState::pending}, true);
  EXPECT_THAT(walk({.source = other_source_}), ElementsAre("b", "c"));
}

TEST_P(ImageLibraryTest, FiltersByStateAndFailureKind) {
  add({.image_id = "a", .state = ImageState::failed, .failure_kind = FailureKind::dns});
  add({.image_id = "b", .state = ImageState::failed, .failure_kind = FailureKind::not_found});
  add({.image_id = "c", .state = ImageState::pending, .failure_kind = FailureKind::dns});
  add({.image_id = "d", .state = ImageState::storing});
  EXPECT_THAT(walk({.state = ImageState::failed}), ElementsAre("a", "b"));
  EXPECT_THAT(walk({.state = ImageState::storing}), ElementsAre("d"));
  EXPECT_THAT(walk({.state = ImageState::pending}), ElementsAre("c"));
  EXPECT_THAT(walk({.failure_kind = FailureKind::dns}), ElementsAre("a", "c"));
  EXPECT_THAT(walk({.state = ImageState::failed, .failure_kind = FailureKind::dns}), ElementsAre("a"));
}

TEST_P(ImageLibraryTest, FiltersByTypeOrAllOfAKind) {
  add({.image_id = "a", .type = "image/png"});
  add({.image_id = "b", .type = "image/x-strange"});
  add({.image_id = "c", .type = "video/mp4"});
  add({.image_id = "d"});
  add({.image_id = "e", .state = ImageState::pending, .type = "image/jpeg"});
  EXPECT_THAT(walk({.type = "image/png"}), ElementsAre("a"));
  EXPECT_THAT(walk({.type = "image/x-strange"}), ElementsAre("b"));
  EXPECT_THAT(walk({.type = "image/*"}), ElementsAre("a", "b", "e"));
  EXPECT_THAT(walk({.type = "video/*"}), ElementsAre("c"));
  EXPECT_THAT(walk({.type = "image/%"}), IsEmpty());
}

TEST_P(ImageLibraryTest, FiltersByNsfwAndTakesSilenceForNo) {
  add({.image_id = "a", .nsfw = true});
  add({.image_id = "b", .nsfw = false});
  add({.image_id = "c"});
  EXPECT_THAT(walk({.nsfw = true}), ElementsAre("a"));
  EXPECT_THAT(walk({.nsfw = false}), ElementsAre("b", "c"));
}

TEST_P(ImageLibraryTest, FiltersBySizeAndTime) {
  add({.image_id = "a", .size_bytes = 10, .found = 1});
  add({.image_id = "b", .size_bytes = 20, .found = 2});
  add({.image_id = "c", .size_bytes = 30, .found = 3});
  add({.image_id = "d", .state = ImageState::pending, .found = 4});
  EXPECT_THAT(walk({.min_size_bytes = 20}), ElementsAre("b", "c"));
  EXPECT_THAT(walk({.min_size_bytes = 10, .max_size_bytes = 20}, ImageSort::largest), ElementsAre("b", "a"));
  EXPECT_THAT(walk({.found_after = now_ + 2s}), ElementsAre("b", "c", "d"));
  EXPECT_THAT(walk({.found_after = now_ + 2s, .found_before = now_ + 3s}), ElementsAre("b"));
  EXPECT_THAT(walk({.found_after = now_ + 3s}, ImageSort::largest), ElementsAre("c", "d"));
  EXPECT_THAT(walk({.min_size_bytes = 31}), IsEmpty());
  EXPECT_THAT(walk({.min_size_bytes = std::numeric_limits<std::uint64_t>::max()}), IsEmpty());
}

TEST_P(ImageLibraryTest, FindsWordsInTitleDescriptionAndAttribution) {
  add({.image_id = "a", .title = "Sunset at Sea"});
  add({.image_id = "b", .description = "The sea, with a sunset."});
  add({.image_id = "c", .title = "Sunset", .attribution_name = "Ann Seaman"});
  add({.image_id = "d", .state = ImageState::pending, .title = "sea"});
  EXPECT_THAT(walk({.search = "sunset"}), ElementsAre("a", "b", "c"));
  EXPECT_THAT(walk({.search = "SEA sunset"}), ElementsAre("a", "b"));
  EXPECT_THAT(walk({.search = "sunset sea"}), ElementsAre("a", "b", "c"));
  EXPECT_THAT(walk({.search = "sunset seam"}), ElementsAre("c"));
  EXPECT_THAT(walk({.search = "unset"}), IsEmpty());
  EXPECT_THAT(walk({.search = "sea"}, ImageSort::newest_found), ElementsAre("d", "c", "b", "a"));
}

TEST_P(ImageLibraryTest, FindsWordsOfAllLanguagesWhateverTheirCaseAndAccents) {
  add({.image_id = "a", .title = "Straße nach Köln"});
  add({.image_id = "b", .title = "Закат на море"});
  add({.image_id = "c", .title = "夕焼け 海"});
  add({.image_id = "d", .title = "Café—crème"});
  EXPECT_THAT(walk({.search = "koln"}), ElementsAre("a"));
  EXPECT_THAT(walk({.search = "KÖLN"}), ElementsAre("a"));
  EXPECT_THAT(walk({.search = "ЗАКАТ"}), ElementsAre("b"));
  EXPECT_THAT(walk({.search = "夕焼"}), ElementsAre("c"));
  EXPECT_THAT(walk({.search = "creme"}), ElementsAre("d"));
  EXPECT_THAT(walk({.search = "café—crème"}), ElementsAre("d"));
}

TEST_P(ImageLibraryTest, TakesWhatUsersTypeAsWordsAndNothingElse) {
  add({.image_id = "a", .title = "cats and dogs"});
  add({.image_id = "b", .title = "cats or near birds"});
  for (const auto* text : {"cats AND dogs", "\"cats\" dogs", "cats* dogs", "-cats dogs", "cats & dogs", "cats:dogs",
                           "(cats dogs", "title:cats dogs"}) {
    const auto found = walk({.search = text});
    if (std::string(text).starts_with("title")) {
      EXPECT_THAT(found, IsEmpty()) << text;
    } else {
      EXPECT_THAT(found, ElementsAre("a")) << text;
    }
  }
  EXPECT_THAT(walk({.search = "cats OR"}), ElementsAre("b"));
  EXPECT_THAT(walk({.search = "cats NEAR birds"}), ElementsAre("b"));
  EXPECT_THAT(walk({.search = "' \" * ( ) : ^ -"}), ElementsAre("a", "b"));
  EXPECT_THAT(walk({.search = "\xff\xfe cats dogs"}), ElementsAre("a"));
  EXPECT_THAT(walk({.search = "dogs\\'"}), ElementsAre("a"));
}

TEST_P(ImageLibraryTest, FindsAnImageByItsNewTitleWhenThatChanged) {
  const auto id = static_cast<long long>(add({.image_id = "a", .title = "before"}));
  catalog_->session() << "update images set title = 'after', description = null where id = :id", soci::use(id, "id");
  EXPECT_THAT(walk({.search = "before"}), IsEmpty());
  EXPECT_THAT(walk({.search = "after"}), ElementsAre("a"));
}

TEST_P(ImageLibraryTest, TakesACommonWordAsItStands) {
  limit({.common = 3});
  for (const auto* id : {"a", "b", "c"}) add({.image_id = id, .title = "sunset"});
  add({.image_id = "d", .title = "sunsets"});
  EXPECT_THAT(walk({.search = "sunset"}), ElementsAre("a", "b", "c"));
  EXPECT_THAT(walk({.search = "sunse"}), ElementsAre("a", "b", "c", "d"));
}

TEST_P(ImageLibraryTest, RefusesCursorsThatAreNoneOfTheQuery) {
  for (const auto* id : {"a", "b", "c"}) add({.image_id = id, .title = "sunset"});
  const auto cursor = library_->page({.limit = 1}).next_cursor;
  ASSERT_FALSE(cursor.empty());
  const auto refused = [&](ImageQuery query) {
    try {
      library_->page(query);
    } catch (const Failure& failure) {
      return failure.kind() == FailureKind::bad_request;
    }
    return false;
  };
  EXPECT_TRUE(refused({.sort = ImageSort::oldest_found, .cursor = cursor}));
  EXPECT_TRUE(refused({.filter = {.nsfw = true}, .cursor = cursor}));
  EXPECT_TRUE(refused({.filter = {.search = "sunset"}, .cursor = cursor}));
  EXPECT_TRUE(refused({.cursor = "x"}));
  EXPECT_TRUE(refused({.cursor = "AAAA"}));
  EXPECT_TRUE(refused({.cursor = cursor + "AAAA"}));
  EXPECT_FALSE(refused({.limit = 2, .cursor = cursor}));
  // The connection is of use afterwards.
  EXPECT_EQ(library_->page({}).images.size(), 3U);
}

}  // namespace
}  // namespace creel

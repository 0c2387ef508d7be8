#include "ingest/deleted_objects.h"

#include <span>
#include <sstream>

#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <spdlog/sinks/ostream_sink.h>

#include "catalog/image_library.h"
#include "catalog/temporary_folder.h"
#include "support/memory_store.h"
#include "support/run_task.h"

namespace creel {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

constexpr auto kLease = 1min;

/// Images "a", "b" and so on, deleted while they were being stored.
class DeletedObjectsTest : public ::testing::Test {
 protected:
  template <class Work>
  auto change(Work work) {
    return testing::run(loop_, catalog_.write(std::move(work)));
  }

  ImageRow lease(const std::string& id, const std::string& file_name) {
    return change([&](Repositories& to) {
      const auto source = to.images.source("pets", "list");
      const auto poll = to.images.begin_poll(source, clock_.now());
      FoundImage image{.image_id = id, .url = "https://a.example/" + id, .host = "a.example"};
      image.folder = "pets";
      image.file_name = file_name;
      to.images.see(source, poll, kBackendQueue, std::vector{image}, {}, clock_.now());
      return to.images
          .lease({.queue = kBackendQueue, .owner = "gone", .now = clock_.now(), .lease_until = clock_.now() + kLease})
          .images.at(0)
          .row;
    });
  }

  void remove(ImageRow row) {
    change([&](Repositories& to) { to.library.remove(std::span(&row, 1), clock_.now()); });
  }

  void put(const std::string& key) {
    static const std::string kBytes = "bytes";
    testing::run(loop_, store_.put({key}, BodyView(std::as_bytes(std::span(kBytes))), {}, {}, PutCondition::always));
  }

  void sweep(KeyMode mode = KeyMode::named) {
    testing::run(loop_, remove_deleted_objects(
                            {.catalog = catalog_, .store = store_, .clock = clock_, .log = log_, .key_mode = mode}));
  }

  bool has(const std::string& key) const { return store_.objects().contains(key); }

  TemporaryFolder folder_;
  boost::asio::io_context loop_;
  ManualClock clock_{SystemTime(std::chrono::seconds(1'700'000'000))};
  CatalogService catalog_{Catalog::open_sqlite(folder_.path() / "creel.db"), 1};
  testing::MemoryStore store_;
  std::ostringstream lines_;
  Log log_ = std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::ostream_sink_mt>(lines_));
};

TEST_F(DeletedObjectsTest, GoWhenTheirLeaseHasRunOut) {
  remove(lease("a", "cat.png"));
  put("pets/cat.png");
  put("pets/dog.png");
  sweep();
  EXPECT_TRUE(has("pets/cat.png"));
  clock_.advance(kLease + 1ms);
  sweep();
  EXPECT_FALSE(has("pets/cat.png"));
  EXPECT_TRUE(has("pets/dog.png"));
}

TEST_F(DeletedObjectsTest, AreFoundWhateverTypeTheirBytesWere) {
  remove(lease("a", "cat.png"));
  const auto url = Url::parse("https://a.example/a");
  const auto key = object_key({.folder = "pets", .file_name = "cat.png"}, url, ImageType::webp, {}).value;
  put(key);
  clock_.advance(kLease + 1ms);
  sweep();
  EXPECT_FALSE(has(key));
}

TEST_F(DeletedObjectsTest, AreLookedForOnce) {
  remove(lease("a", "cat.png"));
  clock_.advance(kLease + 1ms);
  sweep();
  put("pets/cat.png");
  sweep();
  EXPECT_TRUE(has("pets/cat.png"));
}

TEST_F(DeletedObjectsTest, StayIfAnotherImageIsStoredUnderTheirKey) {
  const auto stored = lease("b", "cat.png");
  change([&](Repositories& to) {
    const LeaseOutcome outcome{.row = stored, .attempts = 1, .result = StoredFacts{.key = "pets/cat.png"}};
    to.images.record(std::span(&outcome, 1), "gone", clock_.now());
  });
  put("pets/cat.png");
  remove(lease("a", "cat.png"));
  clock_.advance(kLease + 1ms);
  sweep();
  EXPECT_TRUE(has("pets/cat.png"));
}

TEST_F(DeletedObjectsTest, OfOneImageGoUnlessAnotherMayHaveThem) {
  const auto remove_orphan_of = [this](ImageRow row) {
    testing::run(loop_, remove_orphan({.catalog = catalog_, .store = store_, .clock = clock_, .log = log_}, row,
                                      "pets/cat.png"));
  };
  const auto a = lease("a", "cat.png");
  remove(a);
  const auto b = lease("b", "cat.png");
  put("pets/cat.png");
  remove_orphan_of(a);
  EXPECT_TRUE(has("pets/cat.png"));
  remove_orphan_of(b);
  EXPECT_TRUE(has("pets/cat.png"));
  remove(b);
  remove_orphan_of(b);
  EXPECT_FALSE(has("pets/cat.png"));
}

TEST_F(DeletedObjectsTest, CannotBeFoundByTheirContents) {
  remove(lease("a", "cat.png"));
  put("pets/cat.png");
  clock_.advance(kLease + 1ms);
  sweep(KeyMode::content);
  EXPECT_TRUE(has("pets/cat.png"));
}

TEST_F(DeletedObjectsTest, AreNotHeldUpByOneThatCannotBeRemoved) {
  for (const auto* name : {"cat.png", "dog.png"}) {
    remove(lease(name, name));
    put(std::string("pets/") + name);
  }
  store_.fail_removals("pets/cat.png", Failure(FailureKind::store_denied, "locked"));
  clock_.advance(kLease + 1ms);
  sweep();
  EXPECT_TRUE(has("pets/cat.png"));
  EXPECT_FALSE(has("pets/dog.png"));
  EXPECT_THAT(lines_.str(), HasSubstr("locked"));
}

TEST_F(DeletedObjectsTest, AreNotHeldUpByManyThatCannotBeRemoved) {
  for (const auto* name : {"a.png", "b.png", "c.png", "d.png", "e.png", "f.png"}) {
    remove(lease(name, name));
    const auto key = std::string("pets/") + name;
    put(key);
    if (key != "pets/f.png") store_.fail_removals(key, Failure(FailureKind::store_error, "locked"));
  }
  clock_.advance(kLease + 1ms);
  // Five in succession: the store may be away.
  sweep();
  EXPECT_TRUE(has("pets/f.png"));
  clock_.advance(kLease + 1ms);
  sweep();
  EXPECT_FALSE(has("pets/f.png"));
}

TEST_F(DeletedObjectsTest, StayIfAnImageIsBeingStoredThatMayHaveTheirKey) {
  remove(lease("a", "cat.png"));
  clock_.advance(kLease + 1ms);
  lease("b", "cat.png");
  put("pets/cat.png");
  sweep();
  EXPECT_TRUE(has("pets/cat.png"));
}

TEST_F(DeletedObjectsTest, AreTriedAgainWhenTheCatalogIsBack) {
  remove(lease("a", "cat.png"));
  put("pets/cat.png");
  clock_.advance(kLease + 1ms);
  std::filesystem::rename(folder_.path() / "creel.db", folder_.path() / "elsewhere");
  sweep();
  EXPECT_TRUE(has("pets/cat.png"));
  EXPECT_THAT(lines_.str(), HasSubstr("looked for again"));
  std::filesystem::rename(folder_.path() / "elsewhere", folder_.path() / "creel.db");
  sweep();
  EXPECT_FALSE(has("pets/cat.png"));
}

}  // namespace
}  // namespace creel

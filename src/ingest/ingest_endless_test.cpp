// An ingest that goes on until it is stopped, as the backend's does.

#include <sstream>

#include <soci/soci.h>
#include <spdlog/sinks/ostream_sink.h>

#include "catalog/image_library.h"
#include "ingest/ingest_fixture.h"

namespace creel {
namespace {

using namespace std::chrono_literals;

class EndlessIngestTest : public IngestFixture {
 protected:
  EndlessIngestTest() {
    queue_ = kBackendQueue;
    options_.life = IngestLife::until_stopped;
    options_.owner = "me";
    options_.store_pause = {.base = 1ms, .cap = 2ms};
    options_.outage = {.base = 1ms, .cap = 2ms};
  }

  void begin() {
    make();
    start();
  }

  void make_with_orphans() {
    orphaned_ = [this](ImageRow, const std::string& key) { orphans_.push_back(key); };
    make();
  }

  void run_until_reported(std::size_t count) {
    run_until([&] { return reports_.size() == count; });
    EXPECT_EQ(reports_.size(), count);
  }

  void stop() {
    ingest_->stop();
    finish();
  }

  /// Images of one folder and name, whose bytes are their URLs.
  void see_cat(const std::string& id) {
    FoundImage image{.image_id = id, .url = "https://a.example/" + id, .host = "a.example"};
    image.folder = "pets";
    image.file_name = "cat.png";
    images_.see(source_, poll_, queue_, std::vector{image}, {}, clock_.now());
  }

  /// What the store holds after a script of its own: the last put wins.
  void store_by_name() {
    function_.script = [this](const StoreRequest& request) -> StoreOutcome {
      auto stored = ScriptedExecutor::stored_image();
      stored.key.value = request.key.folder + "/" + request.key.file_name;
      stored.sha256 = request.image_url.str();
      objects_[stored.key.value] = stored.sha256;
      return stored;
    };
  }

  void expect_each_under_its_own_key(std::size_t count) {
    EXPECT_EQ(objects_.size(), count);
    EXPECT_EQ(reports_.size(), count);
    for (const auto& [url, report] : reports_) {
      EXPECT_EQ(objects_[report.stored->key], url);
      const auto image = ImageLibrary(*catalog_).find(report.row);
      EXPECT_EQ(image->key, report.stored->key);
      EXPECT_EQ(image->sha256, url);
    }
  }

  /// Full as a disk is: what is there can be changed as long as it does not grow.
  void fill_disk() {
    on_catalog_thread([this] {
      int pages = 0;
      catalog_->session() << "create table filler (text text)";
      catalog_->session() << "pragma page_count", soci::into(pages);
      catalog_->session() << "pragma max_page_count = " + std::to_string(pages);
    });
    function_.script = [](const StoreRequest&) -> StoreOutcome {
      auto stored = ScriptedExecutor::stored_image();
      stored.final_url = "https://a.example/" + std::string(40000, 'x');
      return stored;
    };
  }

  void keep_log() {
    log_ = std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::ostream_sink_mt>(lines_));
  }

  std::size_t logged(const std::string& text) const {
    const auto lines = lines_.str();
    std::size_t count = 0;
    for (auto at = lines.find(text); at != std::string::npos; at = lines.find(text, at + 1)) ++count;
    return count;
  }

  std::ostringstream lines_;
  std::map<std::string, std::string> objects_;
  std::vector<std::string> orphans_;

  /// On the thread of the catalog, so that the ingest may be at work.
  void on_catalog_thread(std::function<void()> work) {
    bool done = false;
    boost::asio::co_spawn(loop_, run_blocking(catalog_thread_, std::move(work)),
                          [&done](const std::exception_ptr& error) {
                            EXPECT_FALSE(error);
                            done = true;
                          });
    run_until([&done] { return done; });
  }
};

TEST_F(EndlessIngestTest, GoesOnUntilItIsStopped) {
  see("a.example", 3);
  begin();
  run_until_reported(3);
  on_catalog_thread([this] { images_.see(source_, poll_, queue_, found("a.example", 3, 2), {}, clock_.now()); });
  ingest_->intake_added();
  run_until_reported(5);
  EXPECT_FALSE(ended_);
  stop();
  EXPECT_EQ(counts().stored, 5U);
}

TEST_F(EndlessIngestTest, WaitsForAStoreThatRefusesAndBlamesNoImage) {
  see("a.example", 20);
  int refusals = 0;
  function_.script = [&](const StoreRequest&) -> StoreOutcome {
    if (++refusals <= 40) return Failure(FailureKind::store_denied, "no such bucket");
    return ScriptedExecutor::stored_image();
  };
  begin();
  run_until([&] { return ingest_->trouble().has_value(); });
  EXPECT_STREQ(ingest_->trouble()->what(), "no such bucket");
  run_until_reported(20);
  EXPECT_FALSE(ingest_->trouble());
  for (const auto& [url, report] : reports_) {
    EXPECT_EQ(report.status, ImageStatus::stored) << url;
    EXPECT_EQ(report.attempts, 1) << url;
  }
  stop();
}

TEST_F(EndlessIngestTest, TriesOneImageAtATimeWhileTheStoreIsAway) {
  see("a.example", 30);
  bool is_away = true;
  function_.script = [&](const StoreRequest&) -> StoreOutcome {
    if (is_away) return Failure(FailureKind::store_error, "503");
    return ScriptedExecutor::stored_image();
  };
  begin();
  run_until([&] { return ingest_->trouble().has_value() && function_.in_flight == 0; });
  function_.peak = 0;
  const auto asked = function_.requests.size();
  run_until([&] { return function_.requests.size() >= asked + 10; });
  EXPECT_EQ(function_.peak, 1U);
  is_away = false;
  run_until_reported(30);
  EXPECT_EQ(reported(ImageStatus::stored), 30U);
  stop();
}

TEST_F(EndlessIngestTest, WaitsForAFunctionThatCannotBeUsed) {
  see("a.example", 5);
  int tries = 0;
  function_.script = [&](const StoreRequest&) -> StoreOutcome {
    if (++tries <= 8) throw ExecutorUnusable(FailureKind::function_error, "no such function");
    return ScriptedExecutor::stored_image();
  };
  std::ostringstream lines;
  log_ = std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::ostream_sink_mt>(lines));
  begin();
  run_until_reported(5);
  EXPECT_EQ(reported(ImageStatus::stored), 5U);
  stop();
  // Its administrator hears of it once, and of its end.
  const auto text = lines.str();
  const auto told = text.find("no image can be stored for now; it is tried again: no such function");
  ASSERT_NE(told, std::string::npos) << text;
  EXPECT_EQ(text.find("no such function", told + 80), std::string::npos) << text;
  EXPECT_NE(text.find("images are stored again"), std::string::npos) << text;
}

TEST_F(EndlessIngestTest, LetsTheImagesOfAHostWaitThatIsAway) {
  see("away.example", 10);
  see("here.example", 2);
  function_.script = [](const StoreRequest& request) -> StoreOutcome {
    if (request.image_url.host() == "here.example") return ScriptedExecutor::stored_image();
    return Failure(FailureKind::rate_limited, "come back tomorrow", std::chrono::hours(24));
  };
  options_.per_host = 2;
  begin();
  run_until_reported(2);
  on_catalog_thread([] {});
  run_until([&] { return function_.in_flight == 0; });
  stop();
  EXPECT_EQ(reported(ImageStatus::stored), 2U);
  EXPECT_EQ(counts().pending, 10U);
  const auto due = images_.next_due(queue_, clock_.now());
  ASSERT_TRUE(due);
  EXPECT_GT(*due - clock_.now(), 23h);
}

TEST_F(EndlessIngestTest, KeepsOutcomesUntilTheCatalogTakesThem) {
  see("a.example", 50);
  function_.hold("a.example");
  keep_log();
  begin();
  run_until([&] { return function_.in_flight == 32; });
  fill_disk();
  function_.let_go("a.example");
  run_until([&] { return ingest_->trouble().has_value(); });
  // Meanwhile images can be leased.
  run_until([&] { return function_.requests.size() == 50; });
  EXPECT_TRUE(ingest_->trouble());
  EXPECT_EQ(reports_.size(), 0U);
  on_catalog_thread([this] { catalog_->session() << "pragma max_page_count = 1000000"; });
  run_until_reported(50);
  EXPECT_FALSE(ingest_->trouble());
  EXPECT_EQ(reported(ImageStatus::stored), 50U);
  stop();
  EXPECT_EQ(function_.requests.size(), 50U);
  EXPECT_EQ(logged("the catalog is away"), 1U) << lines_.str();
  EXPECT_EQ(logged("the catalog is back"), 1U) << lines_.str();
}

TEST_F(EndlessIngestTest, EndsInOrderWithoutTheCatalogIfItMust) {
  see("a.example", 4);
  function_.hold("a.example");
  keep_log();
  begin();
  run_until([&] { return function_.in_flight == 4; });
  fill_disk();
  function_.let_go("a.example");
  run_until([&] { return ingest_->trouble().has_value(); });
  catalog_is_whole_ = false;
  ingest_->cancel();
  EXPECT_NO_THROW(finish());
  EXPECT_EQ(logged("how 4 images ended is not written down"), 1U) << lines_.str();
}

TEST_F(EndlessIngestTest, KeepsImagesOfOneNameApart) {
  store_by_name();
  for (const auto* id : {"1", "2", "3"}) see_cat(id);
  begin();
  run_until_reported(3);
  stop();
  expect_each_under_its_own_key(3);
  EXPECT_EQ(function_.requests.size(), 3U);
}

TEST_F(EndlessIngestTest, FetchesImagesAnewThatReplacedEachOther) {
  store_by_name();
  function_.hold("a.example");
  see_cat("1");
  begin();
  run_until([&] { return function_.in_flight == 1; });
  on_catalog_thread([this] { see_cat("2"); });
  ingest_->intake_added();
  run_until([&] { return function_.in_flight == 2; });
  function_.let_go("a.example");
  run_until_reported(2);
  stop();
  EXPECT_EQ(objects_.size(), 2U);
  expect_each_under_its_own_key(2);
}

TEST_F(EndlessIngestTest, LetsEqualBytesShareAKeyMadeOfThem) {
  job_.key_mode = KeyMode::content;
  store_by_name();
  for (const auto* id : {"1", "2"}) see_cat(id);
  begin();
  run_until_reported(2);
  stop();
  for (const auto& request : function_.requests) EXPECT_EQ(request.key.file_name, "cat.png");
}

TEST_F(EndlessIngestTest, TellsHowLongAnImageWaitedForItsFirstTry) {
  auto image = found("a.example", 0, 1);
  images_.see(source_, poll_, queue_, image, {}, clock_.now() - 1h);
  image = found("a.example", 1, 1);
  images_.see(source_, poll_, queue_, image, {}, clock_.now());
  int tries = 0;
  function_.script = [&](const StoreRequest& request) -> StoreOutcome {
    if (request.image_url.encoded_path() == "/1.png" && ++tries == 1) return Failure(FailureKind::timeout, "late");
    return ScriptedExecutor::stored_image();
  };
  begin();
  run_until_reported(2);
  stop();
  const auto waited = reports_.at("https://a.example/0.png").queue_time;
  ASSERT_TRUE(waited);
  EXPECT_GE(*waited, 1h);
  EXPECT_LT(*waited, 2h);
  EXPECT_FALSE(reports_.at("https://a.example/1.png").queue_time);
}

TEST_F(EndlessIngestTest, TellsOfItsUseOfTheCatalog) {
  see("a.example", 1);
  std::atomic<int> reads{0};
  std::atomic<int> writes{0};
  catalog_used_ = [&](CatalogService::Use use, auto) { ++(use == CatalogService::Use::read ? reads : writes); };
  begin();
  run_until_reported(1);
  run_until([&] { return reads > 0; });
  stop();
  EXPECT_GT(writes, 1);
}

TEST_F(EndlessIngestTest, TakesUpWhatAnotherProgramHasLeftBehind) {
  see("a.example", 3);
  const LeaseQuery gone{.queue = queue_, .owner = "gone", .now = clock_.now(), .lease_until = clock_.now() + 200ms};
  ASSERT_EQ(images_.lease(gone).images.size(), 3U);
  options_.lease = 300ms;
  begin();
  run_until_reported(3);
  EXPECT_EQ(reported(ImageStatus::stored), 3U);
  for (const auto& request : function_.requests) EXPECT_TRUE(request.may_be_stored);
  stop();
}

TEST_F(EndlessIngestTest, KeepsItsOwnLeasesWhileItWorks) {
  see("slow.example", 2);
  see("a.example", 1);
  function_.hold("slow.example");
  options_.lease = 300ms;
  begin();
  run_until([&] { return function_.in_flight >= 2 && reports_.size() == 1; });
  const auto begun = clock_.now();
  // More than one lease long.
  int rounds = 0;
  while (clock_.now() < begun + 1s || rounds < 3) {
    on_catalog_thread([this] { EXPECT_EQ(images_.take_back_leases(clock_.now() - 300ms), 0U); });
    ++rounds;
  }
  function_.let_go("slow.example");
  run_until_reported(3);
  EXPECT_EQ(function_.requests.size(), 3U);
  stop();
}

TEST_F(EndlessIngestTest, TellsOfTheObjectOfAnImageThatWasDeletedMeanwhile) {
  see("a.example", 2);
  function_.hold("a.example");
  make_with_orphans();
  start();
  run_until([&] { return function_.in_flight == 2; });
  on_catalog_thread([this] {
    ImageLibrary library(*catalog_);
    const auto first = ImageRow{1};
    ASSERT_EQ(library.remove(std::span(&first, 1), clock_.now()).size(), 1U);
  });
  function_.let_go("a.example");
  run_until_reported(1);
  stop();
  EXPECT_EQ(orphans_, std::vector<std::string>{"a.png"});
  EXPECT_EQ(counts().stored, 1U);
}

TEST_F(EndlessIngestTest, SendsWhatTheSourceTellsOfTheImage) {
  auto image = found("a.example", 0, 1);
  image[0].title = "Sunset";
  image[0].attribution_name = "Ann";
  image[0].nsfw = false;
  image[0].meta = R"({"camera":"X100"})";
  images_.see(source_, poll_, queue_, image, {}, clock_.now());
  begin();
  run_until_reported(1);
  const auto& meta = function_.requests.at(0).image_meta;
  using Fields = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ(meta, (Fields{{"title", "Sunset"}, {"attribution_name", "Ann"}, {"nsfw", "false"}, {"camera", "X100"}}));
  stop();
}

}  // namespace
}  // namespace creel

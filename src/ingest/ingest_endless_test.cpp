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
  begin();
  run_until([&] { return function_.in_flight == 32; });
  on_catalog_thread([this] {
    int pages = 0;
    catalog_->session() << "pragma page_count", soci::into(pages);
    // Full as a disk is: what is there can be changed as long as it does not grow.
    catalog_->session() << "create table filler (text text)";
    catalog_->session() << "pragma page_count", soci::into(pages);
    catalog_->session() << "pragma max_page_count = " + std::to_string(pages);
  });
  function_.script = [](const StoreRequest&) -> StoreOutcome {
    auto stored = ScriptedExecutor::stored_image();
    stored.final_url = "https://a.example/" + std::string(4000, 'x');
    return stored;
  };
  function_.let_go("a.example");
  run_until([&] { return ingest_->trouble().has_value(); });
  EXPECT_EQ(reports_.size(), 0U);
  on_catalog_thread([this] { catalog_->session() << "pragma max_page_count = 1000000"; });
  run_until_reported(50);
  EXPECT_FALSE(ingest_->trouble());
  EXPECT_EQ(reported(ImageStatus::stored), 50U);
  stop();
  EXPECT_EQ(function_.requests.size(), 50U);
}

TEST_F(EndlessIngestTest, EndsWithoutTheCatalogIfItMust) {
  see("a.example", 4);
  function_.hold("a.example");
  begin();
  run_until([&] { return function_.in_flight == 4; });
  on_catalog_thread([this] {
    int pages = 0;
    catalog_->session() << "pragma page_count", soci::into(pages);
    catalog_->session() << "pragma max_page_count = " + std::to_string(pages);
  });
  function_.script = [](const StoreRequest&) -> StoreOutcome {
    auto stored = ScriptedExecutor::stored_image();
    stored.final_url = "https://a.example/" + std::string(40000, 'x');
    return stored;
  };
  function_.let_go("a.example");
  run_until([&] { return ingest_->trouble().has_value(); });
  catalog_is_whole_ = false;
  ingest_->cancel();
  EXPECT_THROW(finish(), CatalogUnavailable);
}

TEST_F(EndlessIngestTest, TakesUpWhatAnotherProgramHasLeftBehind) {
  see("a.example", 3);
  const LeaseQuery gone{.queue = queue_, .owner = "gone", .now = clock_.now(), .lease_until = clock_.now() + 20ms};
  ASSERT_EQ(images_.lease(gone).images.size(), 3U);
  options_.lease = 30ms;
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
  options_.lease = 30ms;
  begin();
  run_until([&] { return function_.in_flight >= 2 && reports_.size() == 1; });
  const auto begun = clock_.now();
  // More than one lease long.
  int rounds = 0;
  while (clock_.now() < begun + 100ms || rounds < 3) {
    on_catalog_thread([this] { EXPECT_EQ(images_.take_back_leases(clock_.now() - 30ms), 0U); });
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

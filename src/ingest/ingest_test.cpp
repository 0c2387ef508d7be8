#include "ingest/ingest.h"

#include <soci/soci.h>

#include "ingest/ingest_fixture.h"

namespace creel {
namespace {

using namespace std::chrono_literals;

using IngestTest = IngestFixture;

TEST_F(IngestTest, BringsEveryImageToItsEndAndReportsItOnce) {
  for (const auto* host : {"a.example", "b.example", "c.example"}) see(host, 700);
  run_to_end();
  EXPECT_EQ(reports_.size(), 2100U);
  EXPECT_EQ(reported(ImageStatus::stored), 2100U);
  EXPECT_EQ(counts().stored, 2100U);
  EXPECT_EQ(function_.requests.size(), 2100U);
}

TEST_F(IngestTest, EndsAtOnceWhenThereIsNothingToDo) {
  run_to_end();
  EXPECT_TRUE(reports_.empty());
}

TEST_F(IngestTest, TellsWhatWasStored) {
  see("a.example", 1);
  run_to_end();
  const auto& report = reports_.at("https://a.example/0.png");
  EXPECT_EQ(report.status, ImageStatus::stored);
  EXPECT_EQ(report.stored->key, "a.png");
  EXPECT_EQ(report.stored->content_type, "image/png");
  EXPECT_EQ(report.stored->size_bytes, 10U);
  EXPECT_EQ(report.stored->sha256, "abc");
  EXPECT_EQ(report.stored->width, 3U);
  EXPECT_EQ(report.stored->height, std::nullopt);
  EXPECT_EQ(report.attempts, 1);
}

TEST_F(IngestTest, CallsAnImageThatWasKeptAlready) {
  function_.script = [](const StoreRequest&) {
    auto image = ScriptedExecutor::stored_image();
    image.put.already_there = true;
    return image;
  };
  job_.if_exists = IfExists::skip;
  see("a.example", 1);
  run_to_end();
  EXPECT_EQ(reported(ImageStatus::already), 1U);
  EXPECT_EQ(counts().stored, 1U);
}

TEST_F(IngestTest, TriesAgainWhatMayPassUntilItPasses) {
  std::map<std::string, int> tries;
  function_.script = [&](const StoreRequest& request) -> StoreOutcome {
    if (++tries[request.image_url.str()] < 3) return Failure(FailureKind::server_error, "not now");
    return ScriptedExecutor::stored_image();
  };
  see("a.example", 20);
  run_to_end();
  EXPECT_EQ(reported(ImageStatus::stored), 20U);
  for (const auto& [url, report] : reports_) EXPECT_EQ(report.attempts, 3);
  EXPECT_EQ(function_.requests.size(), 60U);
}

TEST_F(IngestTest, FailsAnImageAfterItsLastTry) {
  options_.retries = 2;
  function_.script = [](const StoreRequest&) { return Failure(FailureKind::truncated, "cut off"); };
  see("a.example", 5);
  run_to_end();
  EXPECT_EQ(function_.requests.size(), 15U);
  EXPECT_EQ(counts().failed, 5U);
  for (const auto& [url, report] : reports_) {
    EXPECT_EQ(report.status, ImageStatus::failed);
    EXPECT_EQ(report.attempts, 3);
    EXPECT_EQ(report.failure->kind, FailureKind::truncated);
    EXPECT_EQ(report.failure->message, "cut off");
  }
}

TEST_F(IngestTest, FailsAtOnceWhatWillNotPass) {
  function_.script = [](const StoreRequest&) { return Failure(FailureKind::not_found, "gone"); };
  see("a.example", 5);
  run_to_end();
  EXPECT_EQ(function_.requests.size(), 5U);
  EXPECT_EQ(reports_.at("https://a.example/0.png").attempts, 1);
}

TEST_F(IngestTest, FailsAnImageWhoseRecordCannotBeUsed) {
  const std::vector<FoundImage> images = {{.image_id = "1", .url = "nonsense", .host = "a.example"}};
  images_.see(source_, poll_, queue_of(poll_), images, {}, clock_.now());
  run_to_end();
  EXPECT_EQ(reports_.at("nonsense").failure->kind, FailureKind::bad_url);
}

TEST_F(IngestTest, KnowsOfAnImageWhoseLeaseWasCutOffThatItMayBeStored) {
  see("a.example", 2);
  const LeaseQuery query{
      .queue = queue_of(poll_), .now = clock_.now(), .lease_until = clock_.now() + 1h, .max_images = 1};
  ASSERT_EQ(images_.lease(query).images.size(), 1U);
  begin_poll();
  see("a.example", 2);
  run_to_end();
  ASSERT_EQ(function_.requests.size(), 2U);
  for (const auto& request : function_.requests) {
    EXPECT_EQ(request.may_be_stored, request.image_url.str() == "https://a.example/0.png");
  }
}

TEST_F(IngestTest, NeverExceedsConcurrencyOrTheLimitOfAHost) {
  options_.concurrency = 10;
  options_.per_host = 3;
  for (int host = 0; host < 15; ++host) see(fmt::format("{}.example", host), host == 0 ? 100 : 20);
  run_to_end();
  EXPECT_EQ(function_.peak, 10U);
  EXPECT_EQ(function_.peaks.at("0.example"), 3U);
  for (const auto& [host, peak] : function_.peaks) EXPECT_LE(peak, 3U) << host;
  EXPECT_EQ(reports_.size(), 380U);
}

TEST_F(IngestTest, ServesTheOtherHostsWhileOneNeverAnswers) {
  options_.concurrency = 8;
  options_.per_host = 8;
  see("slow.example", 500);
  see("b.example", 50);
  function_.hold("slow.example");
  int others = 0;
  on_report_ = [&](const ImageReport& report) {
    if (report.url.find("b.example") == std::string::npos || ++others < 50) return;
    EXPECT_EQ(reports_.size(), 50U);
    function_.let_go("slow.example");
  };
  run_to_end();
  EXPECT_EQ(reports_.size(), 550U);
}

TEST_F(IngestTest, WaitsForMoreUntilTheIntakeHasEnded) {
  make();
  start();
  for (int batch = 0; batch < 3; ++batch) {
    boost::asio::co_spawn(loop_,
                          run_blocking(catalog_thread_,
                                       [this, batch] {
                                         images_.see(source_, poll_, queue_of(poll_),
                                                     found("a.example", 10 * batch, 10), {}, clock_.now());
                                       }),
                          [this](const std::exception_ptr& error) {
                            EXPECT_FALSE(error);
                            ingest_->intake_added();
                          });
    run_until([&] { return reports_.size() == static_cast<std::size_t>(10 * batch + 10); });
    EXPECT_FALSE(ended_);
  }
  ingest_->intake_ended();
  finish();
  EXPECT_EQ(reports_.size(), 30U);
}

TEST_F(IngestTest, RestsWhileTransfersAreUnderWayAndNothingElseWaits) {
  function_.hold("slow.example");
  see("slow.example", 3);
  make().intake_ended();
  start();
  run_until([this] { return function_.in_flight == 3; });
  loop_.restart();
  int wakeups = 0;
  while (wakeups < 100 && loop_.run_one_for(std::chrono::milliseconds(300)) > 0) ++wakeups;
  EXPECT_LT(wakeups, 100) << "it goes round and round";
  function_.let_go("slow.example");
  finish();
}

TEST_F(IngestTest, GivesUpADeadHostAndFailsItsOtherImagesAtOnce) {
  options_.retries = 100;
  function_.script = [](const StoreRequest& request) -> StoreOutcome {
    if (request.image_url.host() == "dead.example") return Failure(FailureKind::connect, "nobody there");
    return ScriptedExecutor::stored_image();
  };
  see("dead.example", 300);
  see("b.example", 100);
  run_to_end();
  EXPECT_EQ(reported(ImageStatus::failed), 300U);
  EXPECT_EQ(reported(ImageStatus::stored), 100U);
  EXPECT_LT(function_.requests.size(), 200U) << "not every image asks the dead host";
  const auto& failure = *reports_.at("https://dead.example/299.png").failure;
  EXPECT_EQ(failure.kind, FailureKind::connect);
  EXPECT_TRUE(failure.message.starts_with("gave the host up")) << failure.message;
}

TEST_F(IngestTest, WaitsForNoHostThatAsksForTooLongAWait) {
  function_.script = [](const StoreRequest& request) -> StoreOutcome {
    if (request.image_url.host() == "busy.example") return Failure(FailureKind::rate_limited, "too many", 3600s);
    return ScriptedExecutor::stored_image();
  };
  see("busy.example", 100);
  see("b.example", 10);
  run_to_end();
  EXPECT_EQ(reported(ImageStatus::stored), 10U);
  EXPECT_EQ(reported(ImageStatus::failed), 100U);
  for (const auto& [url, report] : reports_) {
    if (report.failure) EXPECT_EQ(report.failure->kind, FailureKind::rate_limited);
  }
}

TEST_F(IngestTest, LeavesAHostAloneAsLongAsItAsks) {
  std::vector<SteadyTime> asked;
  function_.script = [&](const StoreRequest& request) -> StoreOutcome {
    if (request.image_url.host() == "b.example") return ScriptedExecutor::stored_image();
    asked.push_back(clock_.steady_now());
    if (asked.size() == 1) return Failure(FailureKind::rate_limited, "too many", 1s);
    return ScriptedExecutor::stored_image();
  };
  options_.per_host = 1;
  see("busy.example", 5);
  see("b.example", 5);
  run_to_end();
  EXPECT_EQ(reported(ImageStatus::stored), 10U);
  ASSERT_EQ(asked.size(), 6U);
  EXPECT_GE(asked[1] - asked[0], 990ms);
}

TEST_F(IngestTest, EndsWithOneFailureWhenTheStoreTakesNothing) {
  function_.script = [](const StoreRequest&) { return Failure(FailureKind::store_denied, "no such bucket"); };
  function_.hold("b.example");
  see("a.example", 100);
  see("b.example", 100);
  try {
    run_to_end();
    ADD_FAILURE() << "no failure";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.kind(), FailureKind::store_denied);
  }
  EXPECT_TRUE(reports_.empty());
  EXPECT_EQ(counts().pending, 200U);
}

TEST_F(IngestTest, EndsWithOneFailureWhenNothingCanBeCarriedOut) {
  function_.script = [](const StoreRequest& request) -> StoreOutcome {
    if (request.image_url.host() == "a.example") throw ExecutorUnusable(FailureKind::bad_auth, "may not invoke");
    return ScriptedExecutor::stored_image();
  };
  function_.hold("b.example");
  see("a.example", 100);
  see("b.example", 100);
  try {
    run_to_end();
    ADD_FAILURE() << "no failure";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.kind(), FailureKind::bad_auth);
    EXPECT_STREQ(failure.what(), "may not invoke");
  }
  EXPECT_TRUE(reports_.empty());
  EXPECT_EQ(counts().pending, 200U);
}

TEST_F(IngestTest, LetsWhatIsUnderWayEndWhenStopped) {
  options_.concurrency = options_.per_host = 7;
  function_.hold("a.example");
  see("a.example", 100);
  make().intake_ended();
  start();
  run_until([&] { return function_.in_flight == 7; });
  ingest_->stop();
  function_.let_go("a.example");
  finish();
  EXPECT_EQ(reported(ImageStatus::stored), 7U);
  EXPECT_EQ(counts().stored, 7U);
  EXPECT_EQ(counts().pending, 93U);
}

TEST_F(IngestTest, PutsBackWhatIsUnderWayWhenCancelled) {
  options_.concurrency = options_.per_host = 7;
  function_.hold("a.example");
  see("a.example", 100);
  make().intake_ended();
  start();
  run_until([&] { return function_.in_flight == 7; });
  ingest_->cancel();
  finish();
  EXPECT_TRUE(reports_.empty());
  EXPECT_EQ(counts().pending, 100U);

  begin_poll();
  see("a.example", 100);
  function_.let_go("a.example");
  run_to_end();
  EXPECT_EQ(reported(ImageStatus::stored), 100U);
  for (const auto& [url, report] : reports_) EXPECT_EQ(report.attempts, 1) << "the image was not to blame";
}

TEST_F(IngestTest, DoesNotWaitForDelayedImagesWhenStopped) {
  see("a.example", 3);
  function_.script = [](const StoreRequest&) { return Failure(FailureKind::server_error, "later", 600s); };
  make().intake_ended();
  start();
  run_until([&] { return function_.requests.size() == 3 && function_.in_flight == 0; });
  ingest_->stop();
  finish();
  EXPECT_TRUE(reports_.empty());
  EXPECT_EQ(counts().pending, 3U);
}

TEST_F(IngestTest, EndsWithAFailureWhenTheCatalogCannotBeRead) {
  see("a.example", 10);
  catalog_is_whole_ = false;
  catalog_->session() << "drop table images";
  EXPECT_THROW(run_to_end(), Failure);
  EXPECT_TRUE(reports_.empty());
}

TEST_F(IngestTest, EndsWithAFailureWhenTheCatalogCannotBeWritten) {
  see("a.example", 1000);
  catalog_is_whole_ = false;
  catalog_->session() << "create trigger full before update of sha256 on images"
                         " begin select raise(abort, 'the disk is full'); end";
  try {
    run_to_end();
    ADD_FAILURE() << "no failure";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.kind(), FailureKind::internal);
  }
  EXPECT_TRUE(reports_.empty()) << "what is not recorded is not reported";
  EXPECT_EQ(function_.in_flight, 0U);
}

}  // namespace
}  // namespace creel

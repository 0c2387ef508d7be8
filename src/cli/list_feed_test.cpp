#include "cli/list_feed.h"

#include <fstream>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <gtest/gtest.h>
#include <soci/soci.h>

#include "catalog/temporary_folder.h"
#include "net/resolver.h"
#include "sources/gzip_for_test.h"
#include "support/scripted_server.h"

namespace creel {
namespace {

using testing::gzip;
using testing::ScriptedServer;
using testing::WireReply;
using testing::WireRequest;

/// So many lines of URLs.
std::string lines(int count, const std::string& host = "a.example") {
  std::string text;
  for (int i = 0; i < count; ++i) text += fmt::format("https://{}/{}.png\n", host, i);
  return text;
}

/// A feed into a catalog in a temporary folder.
class ListFeedTest : public ::testing::Test, protected ReportListener {
 protected:
  ListFeedTest() {
    source_ = images_.source("list", "list");
    poll_ = images_.begin_poll(source_, clock_.now());
  }

  void TearDown() override { catalog_thread_.join(); }

  std::string file(const std::string& name, const std::string& text) {
    const auto path = folder_.path() / name;
    std::ofstream(path, std::ios::binary) << text;
    return path.string();
  }

  void start() {
    boost::asio::co_spawn(loop_, feed_.run(source_, poll_, [this] { ++added_; }), [this](std::exception_ptr error) {
      error_ = std::move(error);
      ended_ = true;
    });
  }

  /// Waits, not for ever, until the feed has ended, and throws what it threw.
  void finish() {
    boost::asio::steady_timer bound(loop_, std::chrono::seconds(20));
    bool too_late = false;
    bound.async_wait([&](const boost::system::error_code& error) { too_late = !error; });
    while (!ended_ && !too_late) loop_.run_one();
    ASSERT_TRUE(ended_) << "this does not end";
    if (error_) std::rethrow_exception(error_);
  }

  void run() {
    start();
    finish();
  }

  std::uint64_t pending() { return images_.counts(poll_).pending; }

  void on_image(const ImageReport& report) override {
    tally_.count(report);
    reports_.push_back(report);
  }

  SystemClock clock_;
  boost::asio::io_context loop_;
  Resolver resolver_{clock_, system_lookup};
  HttpClient http_{loop_.get_executor(), {.address_policy = AddressPolicy::private_too}, resolver_};
  TemporaryFolder folder_;
  std::unique_ptr<Catalog> catalog_ = Catalog::open_sqlite(folder_.path() / "creel.db");
  ImageRepository images_{*catalog_};
  SourceId source_{};
  PollId poll_{};
  Tally tally_;
  std::vector<ImageReport> reports_;
  JobOptions job_;
  boost::asio::thread_pool catalog_thread_{1};
  ListFeed feed_{{.executor = loop_.get_executor(),
                  .http = http_,
                  .catalog_thread = catalog_thread_,
                  .images = images_,
                  .clock = clock_,
                  .tally = tally_,
                  .listener = *this,
                  .log = silent_log()},
                 job_};
  int added_ = 0;
  bool ended_ = false;
  std::exception_ptr error_;
};

TEST_F(ListFeedTest, ReadsListsOfAllFormatsByTheEndingsOfTheirNames) {
  feed_.add(file("a.txt", lines(3000)), std::nullopt);
  feed_.add(file("b.csv", "title,url\nSunset,https://b.example/1.png\n"), std::nullopt);
  feed_.add(file("c.jsonl.gz", gzip(R"({"url": "https://c.example/1.png"})")), std::nullopt);
  run();
  EXPECT_EQ(pending(), 3002U);
  EXPECT_EQ(tally_.total(), 3002U);
  EXPECT_GE(added_, 4) << "and more than once for the long list";
  EXPECT_TRUE(reports_.empty());
}

TEST_F(ListFeedTest, TakesTheFormatThatIsNamed) {
  feed_.add(file("list", "url\nhttps://b.example/1.png\n"), ListFormat::csv);
  run();
  EXPECT_EQ(pending(), 1U);
}

TEST_F(ListFeedTest, CountsAndReportsBadLinesAndCountsRepeatedOnesOnce) {
  feed_.add(file("a.txt", "https://a.example/1.png\nnonsense\nhttps://a.example/1.png\n"), std::nullopt);
  feed_.add(file("b.txt", "https://a.example/1.png\nhttps://a.example/2.png\n"), std::nullopt);
  run();
  EXPECT_EQ(pending(), 2U);
  EXPECT_EQ(tally_.total(), 3U);
  ASSERT_EQ(reports_.size(), 1U);
  EXPECT_EQ(reports_[0].url, "nonsense");
  EXPECT_NE(reports_[0].failure->message.find("a.txt:2"), std::string::npos) << reports_[0].failure->message;
}

TEST_F(ListFeedTest, RefusesAnInputThatCannotBeReadBeforeAnythingIsBegun) {
  for (const auto& input : {(folder_.path() / "missing.txt").string(), folder_.path().string()}) {
    EXPECT_THROW(feed_.add(input, std::nullopt), Failure) << input;
  }
  EXPECT_THROW(feed_.add("http://user@a.example/list.txt", std::nullopt), Failure);
}

TEST_F(ListFeedTest, ReportsAListThatBreaksOffAndReadsTheOthers) {
  const auto packed = gzip(lines(20'000));
  const auto broken = file("broken.txt.gz", packed.substr(0, packed.size() / 2));
  feed_.add(broken, std::nullopt);
  feed_.add(file("good.txt", lines(10, "b.example")), std::nullopt);
  run();
  ASSERT_EQ(reports_.size(), 1U);
  EXPECT_EQ(reports_[0].url, broken);
  EXPECT_EQ(reports_[0].failure->kind, FailureKind::truncated);
  EXPECT_GT(pending(), 1000U) << "what came before the break is used";
  EXPECT_EQ(tally_.total(), pending() + 1);
}

TEST_F(ListFeedTest, DownloadsAListAndUnpacksIt) {
  ScriptedServer server([](const WireRequest& asked) {
    if (asked.target.starts_with("/a.txt")) return WireReply::response(200, lines(5000));
    return WireReply::response(200, gzip("url\nhttps://b.example/1.png\n"));
  });
  feed_.add(server.url("/a.txt?x=.csv"), std::nullopt);
  feed_.add(server.url("/b.csv.gz"), std::nullopt);
  run();
  EXPECT_EQ(pending(), 5001U);
  EXPECT_TRUE(reports_.empty());
}

TEST_F(ListFeedTest, ReportsADownloadThatBreaksOffAndKeepsWhatCame) {
  ScriptedServer server([](const WireRequest&) {
    return WireReply{.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + lines(20'000),
                     .then = WireReply::Then::close};
  });
  feed_.add(server.url("/a.txt"), std::nullopt);
  feed_.add(file("good.txt", lines(10, "b.example")), std::nullopt);
  run();
  ASSERT_EQ(reports_.size(), 1U);
  EXPECT_EQ(reports_[0].url, server.url("/a.txt"));
  EXPECT_EQ(reports_[0].failure->kind, FailureKind::truncated);
  EXPECT_GT(pending(), 5000U);
  EXPECT_EQ(tally_.total(), pending() + 1);
}

TEST_F(ListFeedTest, TellsWhyAListCouldNotBeDownloadedWhateverItsFormat) {
  ScriptedServer server([](const WireRequest&) { return WireReply::response(404, "gone"); });
  for (const auto* path : {"/a.txt", "/a.csv", "/a.jsonl", "/a.csv.gz"}) feed_.add(server.url(path), std::nullopt);
  run();
  ASSERT_EQ(reports_.size(), 4U);
  for (const auto& report : reports_) {
    EXPECT_EQ(report.failure->kind, FailureKind::not_found) << report.url << ": " << report.failure->message;
  }
}

TEST_F(ListFeedTest, EndsWhenStoppedWhileAPipeGivesNothing) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  feed_.add(fmt::format("/dev/fd/{}", ends[0]), std::nullopt);
  feed_.add(file("never.txt", lines(10)), std::nullopt);
  start();
  boost::asio::post(loop_, [this] { feed_.stop(); });
  finish();
  EXPECT_TRUE(reports_.empty());
  EXPECT_EQ(pending(), 0U);
  close(ends[0]);
  close(ends[1]);
}

TEST_F(ListFeedTest, EndsWhenStoppedWhileAServerGivesNothing) {
  ScriptedServer server([this](const WireRequest&) {
    boost::asio::post(loop_, [this] { feed_.stop(); });
    return WireReply{.bytes = "HTTP/1.1 200 OK\r\n\r\nhttps://a.example/1.png\n", .then = WireReply::Then::stall};
  });
  feed_.add(server.url("/a.txt"), std::nullopt);
  run();
  EXPECT_TRUE(reports_.empty());
}

TEST_F(ListFeedTest, FailsWhenTheCatalogCannotBeWritten) {
  catalog_->session() << "drop table images";
  feed_.add(file("a.txt", lines(10)), std::nullopt);
  try {
    run();
    ADD_FAILURE() << "no failure";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.kind(), FailureKind::internal);
  }
}

}  // namespace
}  // namespace creel

#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <gtest/gtest.h>

#include "base/blocking.h"
#include "base/wakeup.h"
#include "catalog/temporary_folder.h"
#include "ingest/ingest.h"

namespace creel {

/// An executor that answers as a script says, and holds back the images of some hosts until they are let go.
/// Threads: the ingest loop.
class ScriptedExecutor final : public Executor {
 public:
  using Script = std::function<StoreOutcome(const StoreRequest&)>;

  static StoredImage stored_image() {
    return {.key = {"a.png"}, .size_bytes = 10, .info = {.type = ImageType::png, .width = 3}, .sha256 = "abc"};
  }

  Script script = [](const StoreRequest&) { return stored_image(); };
  std::vector<StoreRequest> requests;
  std::size_t in_flight = 0;
  std::size_t peak = 0;
  std::map<std::string, std::size_t> peaks;

  void hold(const std::string& host) { held_.insert(host); }

  void let_go(const std::string& host) {
    held_.erase(host);
    for (const auto& [name, wakeup] : std::exchange(waiting_, {})) wakeup->notify();
  }

  Task<StoreOutcome> execute(StoreRequest request) override {
    const auto host = request.image_url.authority();
    requests.push_back(request);
    peak = std::max(peak, ++in_flight);
    peaks[host] = std::max(peaks[host], ++by_host_[host]);
    auto outcome = co_await answer(*this, std::move(request), host);
    --by_host_[host];
    --in_flight;
    co_return outcome;
  }

 private:
  static Task<StoreOutcome> answer(ScriptedExecutor& self, StoreRequest request, std::string host) {
    try {
      co_await boost::asio::post(boost::asio::use_awaitable);
      while (self.held_.contains(host)) {
        const auto wakeup = std::make_shared<Wakeup>(co_await boost::asio::this_coro::executor);
        self.waiting_.emplace(host, wakeup);
        co_await wakeup->wait();
      }
    } catch (const boost::system::system_error&) {
      co_return Failure(FailureKind::cancelled, "stopped");
    }
    co_return self.script(request);
  }

  std::set<std::string> held_;
  std::multimap<std::string, std::shared_ptr<Wakeup>> waiting_;
  std::map<std::string, std::size_t> by_host_;
};

/// One ingest over a catalog in a temporary folder. Waits between tries are as short as can be. At its end nothing
/// may be leased any more.
class IngestFixture : public ::testing::Test, protected ReportListener {
 protected:
  IngestFixture() {
    source_ = images_.source("list", "list");
    begin_poll();
  }

  void TearDown() override {
    if (catalog_is_whole_) EXPECT_EQ(images_.counts(poll_).storing, 0U);
    catalog_thread_.join();
  }

  void begin_poll() {
    images_.take_back_all(std::nullopt, clock_.now());
    poll_ = images_.begin_poll(source_, clock_.now());
    queue_ = queue_of(poll_);
  }

  static std::vector<FoundImage> found(const std::string& host, int first, int count) {
    std::vector<FoundImage> images;
    for (int i = first; i < first + count; ++i) {
      images.push_back(
          {.image_id = fmt::format("{}-{}", host, i), .url = fmt::format("https://{}/{}.png", host, i), .host = host});
    }
    return images;
  }

  void see(const std::string& host, int count) {
    images_.see(source_, poll_, queue_, found(host, 0, count), job_.retry_failed, clock_.now());
  }

  Ingest& make() {
    ingest_ = std::make_unique<Ingest>(IngestParts{.executor = loop_.get_executor(),
                                                   .catalog_thread = catalog_thread_,
                                                   .images = images_,
                                                   .function = function_,
                                                   .listener = *this,
                                                   .clock = clock_,
                                                   .random = [] { return 0.0; },
                                                   .log = log_,
                                                   .orphaned = orphaned_,
                                                   .catalog_used = catalog_used_},
                                       queue_, job_, options_);
    return *ingest_;
  }

  /// Runs `make()` to its end over what is in the catalog; gives up, and fails the test, after some time.
  void run_to_end() {
    make().intake_ended();
    start();
    finish();
  }

  void start() {
    ended_ = false;
    boost::asio::co_spawn(loop_, ingest_->run(), [this](std::exception_ptr error) {
      error_ = std::move(error);
      ended_ = true;
    });
  }

  /// Runs the loop until `condition` holds, or the ingest has ended.
  template <class Condition>
  void run_until(Condition condition) {
    boost::asio::steady_timer bound(loop_, std::chrono::seconds(20));
    bool too_late = false;
    bound.async_wait([&](const boost::system::error_code& error) { too_late = !error; });
    loop_.restart();
    while (!condition() && !ended_ && !too_late) loop_.run_one();
    EXPECT_FALSE(too_late) << "this does not end";
    bound.cancel();
    loop_.poll();
  }

  /// Waits for the ingest to end, and throws what it threw.
  void finish() {
    run_until([this] { return ended_; });
    if (!ended_) {
      ingest_->cancel();
      run_until([this] { return ended_; });
    }
    if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
  }

  void on_image(const ImageReport& report) override {
    EXPECT_TRUE(reports_.emplace(report.url, report).second) << report.url << " was reported twice";
    if (on_report_) on_report_(report);
  }

  PollCounts counts() { return images_.counts(poll_); }

  std::size_t reported(ImageStatus status) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(reports_, [status](const auto& entry) { return entry.second.status == status; }));
  }

  SystemClock clock_;
  TemporaryFolder folder_;
  std::unique_ptr<Catalog> catalog_ = Catalog::open_sqlite(folder_.path() / "creel.db");
  bool catalog_is_whole_ = true;
  ImageRepository images_{*catalog_};
  boost::asio::thread_pool catalog_thread_{1};
  boost::asio::io_context loop_;
  SourceId source_{};
  PollId poll_{};
  QueueId queue_{};
  JobOptions job_;
  IngestOptions options_{.backoff = {.base = std::chrono::milliseconds(1), .cap = std::chrono::milliseconds(1)},
                         .record_delay = std::chrono::milliseconds(1)};
  std::function<void(ImageRow, const std::string&)> orphaned_;
  CatalogService::Observer catalog_used_;
  Log log_ = silent_log();
  ScriptedExecutor function_;
  std::unique_ptr<Ingest> ingest_;
  bool ended_ = true;
  std::exception_ptr error_;
  std::map<std::string, ImageReport> reports_;
  std::function<void(const ImageReport&)> on_report_;
};

}  // namespace creel

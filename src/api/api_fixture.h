#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <gtest/gtest.h>

#include "api/api.h"
#include "api/counts_cache.h"
#include "api/event_hub.h"
#include "api/jwks_source.h"
#include "api/kinds_for_test.h"
#include "api/metrics.h"
#include "api/recent_rates.h"
#include "api/token_secret.h"
#include "api/tokens.h"
#include "base/log.h"
#include "catalog/catalog_service.h"
#include "catalog/image_library.h"
#include "catalog/image_repository.h"
#include "catalog/temporary_folder.h"
#include "sources/scheduler.h"
#include "sources/source_kinds.h"
#include "support/http_test.h"
#include "support/memory_store.h"

namespace creel::testing {

/// Hears nothing.
class DeafListener final : public SourceListener {
 public:
  void on_source(const SourceRecord&) override {}
  void on_source_deleted(SourceId) override {}
  void on_poll_ended(SourceId, const PollRecord&) override {}
  void on_images_added(std::size_t) override {}
};

/// An answer of the API.
struct Answer {
  int status = 0;
  HttpHeaders headers;
  std::string text;

  boost::json::value json() const { return boost::json::parse(text); }
  std::string header(std::string_view name) const { return std::string(headers.find(name).value_or("")); }
};

/// The API over a catalog of its own on SQLite, asked over loopback. Everything runs on the test's loop, but for the
/// catalog's threads.
class ApiFixture : public HttpTest {
 protected:
  ApiFixture() : secret_(std::string(32, 's')) {
    catalog_ = std::make_unique<CatalogService>(Catalog::open_sqlite(folder_.path() / "creel.db"), 2);
    kinds_ = std::make_unique<SourceKinds>(kinds_for_test());
    scheduler_ = std::make_unique<Scheduler>(SchedulerParts{.executor = loop_.get_executor(),
                                                            .catalog = *catalog_,
                                                            .kinds = *kinds_,
                                                            .http = client(),
                                                            .listener = listener_,
                                                            .clock = clock_,
                                                            .random = [] { return 0.5; },
                                                            .log = silent_log()},
                                             SchedulerOptions{.owner = "test"});
    counts_ = std::make_unique<CountsCache>(*catalog_, clock_);
    events_ = std::make_unique<EventHub>(loop_.get_executor(), clock_);
    tokens_ = std::make_unique<TokenVerifier>(TokenRules{}, secret_, nullptr, clock_);
  }

  // Before the members of the test itself go, which streams may still write to.
  void TearDown() override {
    events_->stop();
    if (api_) run(loop_, api_->stop(std::chrono::steady_clock::now()));
  }

  /// Begins to serve from that store; called by the first question if nobody else has.
  /// @param page  must outlive the fixture
  void serve(ObjectStore& store, std::span<const WebFile> page = {}) {
    api_ = std::make_unique<Api>(ApiParts{.executor = loop_.get_executor(),
                                          .catalog = *catalog_,
                                          .scheduler = *scheduler_,
                                          .scheduler_executor = loop_.get_executor(),
                                          .kinds = *kinds_,
                                          .content = store,
                                          .counts = *counts_,
                                          .events = *events_,
                                          .metrics = metrics_,
                                          .rates = rates_,
                                          .tokens = *tokens_,
                                          .clock = clock_,
                                          .log = silent_log(),
                                          .ingest_stats = [] { return IngestStats{}; },
                                          .images_queued = [this] { ++queued_; }},
                                 ApiOptions{.version = "test", .page = page});
    api_->listen("127.0.0.1", 0);
  }

  Answer ask(HttpMethod method, const std::string& target, std::string_view body = "", HttpHeaders headers = {}) {
    headers.add("Authorization", "Bearer " + token(Scope::write));
    if (!body.empty()) headers.add("Content-Type", "application/json");
    return ask_without_token(method, target, std::move(headers), body);
  }
  Answer ask_without_token(HttpMethod method, const std::string& target, HttpHeaders headers = {},
                           std::string_view body = "") {
    if (!api_) serve(store_);
    auto wanted = request(method, fmt::format("http://127.0.0.1:{}{}", api_->port(), target), body);
    wanted.headers = std::move(headers);
    auto fetched = fetch(std::move(wanted));
    return {.status = fetched.status, .headers = std::move(fetched.headers), .text = std::move(fetched.text)};
  }
  Answer get(const std::string& target, HttpHeaders headers = {}) {
    return ask(HttpMethod::get, target, "", std::move(headers));
  }
  Answer post(const std::string& target, std::string_view body = "") { return ask(HttpMethod::post, target, body); }

  std::string token(Scope scope) { return sign_token(secret_, {.subject = "test", .scope = scope}, clock_.now()); }

  /// Adds an image through the API and returns its number.
  std::int64_t add_image(std::string_view url, std::string_view more = "") {
    const auto added = post("/images", fmt::format(R"({{"image_url":"{}"{}}})", url, more));
    EXPECT_TRUE(added.status == 201 || added.status == 200) << added.text;
    return added.json().at("id").as_int64();
  }

  /// Ends the work on an image that waits.
  void end_work(std::int64_t id,
                std::variant<StoredFacts, FailureFacts, LeaseOutcome::Again, LeaseOutcome::Released> end) {
    run(loop_, catalog_->write([this, id, &end](Repositories& catalog) {
      const auto now = clock_.now();
      catalog.images.lease(
          {.queue = kBackendQueue, .owner = "test", .now = now, .lease_until = now + std::chrono::hours(1)});
      const LeaseOutcome outcome{.row = ImageRow{id}, .attempts = 1, .result = std::move(end)};
      catalog.images.record(std::span(&outcome, 1), "test", now);
    }));
  }

  void store_image(std::int64_t id, const std::string& key, const std::string& bytes) {
    end_work(id, StoredFacts{.key = key,
                             .final_url = "https://a.example/final",
                             .etag = "",
                             .content_type = "image/png",
                             .sha256 = to_hex(sha256(bytes)),
                             .size_bytes = bytes.size(),
                             .width = 4,
                             .height = 3,
                             .store_url = "memory:" + key});
    run(loop_, put(key, bytes));
  }

  Task<void> put(std::string key, std::string bytes) {
    const BodyView view(std::as_bytes(std::span(bytes)));
    co_await store_.put(ObjectKey{key}, view, sha256(bytes), {}, PutCondition::always);
  }

  void fail_image(std::int64_t id, FailureKind kind) { end_work(id, FailureFacts{.kind = kind, .message = "no luck"}); }

  TemporaryFolder folder_;
  Secret secret_;
  DeafListener listener_;
  Metrics metrics_;
  RecentRates rates_;
  MemoryStore store_;
  std::unique_ptr<CatalogService> catalog_;
  std::unique_ptr<SourceKinds> kinds_;
  std::unique_ptr<Scheduler> scheduler_;
  std::unique_ptr<CountsCache> counts_;
  std::unique_ptr<EventHub> events_;
  std::unique_ptr<TokenVerifier> tokens_;
  std::unique_ptr<Api> api_;
  int queued_ = 0;
};

}  // namespace creel::testing

#include "ingest/in_process_executor.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <gtest/gtest.h>

#include "net/resolver.h"
#include "support/memory_store.h"
#include "support/run_task.h"
#include "support/scripted_server.h"

namespace creel {
namespace {

using testing::run;
using testing::ScriptedServer;
using testing::WireReply;
using testing::WireRequest;
using namespace std::chrono_literals;
using namespace boost::asio::experimental::awaitable_operators;

const std::string kPng("\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x03\0\0\0\x02\x08\x02\0\0\0\0\0\0\0", 33);

TEST(ShareOfHost, AddsUpToTheLimitForEveryHost) {
  for (const std::size_t workers : {1U, 2U, 3U, 8U}) {
    for (const std::size_t per_host : {1U, 2U, 5U, 8U, 32U, 33U}) {
      for (int i = 0; i < 50; ++i) {
        const auto host = fmt::format("host{}.example", i);
        std::size_t sum = 0;
        for (std::size_t worker = 0; worker < workers; ++worker) {
          const auto share = share_of_host(host, per_host, worker, workers);
          EXPECT_LE(share, per_host / workers + 1);
          sum += share;
        }
        EXPECT_EQ(sum, per_host) << host << " over " << workers;
      }
    }
  }
}

TEST(ShareOfHost, GivesTheOddConnectionsOfOtherHostsToOtherWorkers) {
  std::vector<std::size_t> sums(4);
  for (int i = 0; i < 400; ++i) {
    for (std::size_t worker = 0; worker < 4; ++worker) {
      sums[worker] += share_of_host(fmt::format("host{}.example", i), 1, worker, 4);
    }
  }
  for (const auto sum : sums) EXPECT_GT(sum, 50U);
}

/// Fails in a way that no store should.
class BrokenStore final : public ObjectStore {
 public:
  Task<PutResult> put(ObjectKey, BodyView, Sha256Digest, ObjectMetadata, PutCondition) override {
    throw std::runtime_error("broken");
  }
  Task<std::unique_ptr<ObjectUpload>> begin_upload(ObjectKey, ObjectMetadata) override {
    throw std::runtime_error("broken");
  }
  Task<bool> holds(ObjectKey, std::uint64_t, Sha256Digest) override { co_return false; }
  Task<void> remove(ObjectKey) override { co_return; }
  Task<std::optional<std::string>> get(ObjectKey, std::size_t) override { co_return std::nullopt; }
  Task<std::optional<ObjectAccess>> open(ObjectKey, std::chrono::seconds) override { co_return std::nullopt; }
  std::string location(const ObjectKey& key) const override { return key.value; }
};

class InProcessExecutorTest : public ::testing::Test {
 protected:
  InProcessExecutor& executor(std::size_t workers, std::size_t per_host, std::shared_ptr<ObjectStore> store = nullptr) {
    executor_ = std::make_unique<InProcessExecutor>(
        InProcessExecutorOptions{
            .workers = workers,
            .per_host = per_host,
            .fetch_options = [] { return HttpClientOptions{.address_policy = AddressPolicy::private_too}; },
            .make_store = [this, store](const auto&) -> std::shared_ptr<ObjectStore> {
              if (store) return store;
              stores_.push_back(std::make_shared<testing::MemoryStore>());
              return stores_.back();
            }},
        resolver_, budget_, clock_);
    return *executor_;
  }

  static StoreRequest request(const ScriptedServer& server, int number) {
    return {.image_url = Url::parse(server.url(fmt::format("/{}.png", number))), .timeout = 20s};
  }

  /// Objects over all workers, once these have ended.
  std::size_t stored() {
    executor_.reset();
    std::size_t count = 0;
    for (const auto& store : stores_) count += store->objects().size();
    return count;
  }

  SystemClock clock_;
  boost::asio::io_context loop_;
  Resolver resolver_{clock_, system_lookup};
  ByteBudget budget_{ByteBudget::kSmallestCapacity};
  std::vector<std::shared_ptr<testing::MemoryStore>> stores_;
  std::unique_ptr<InProcessExecutor> executor_;
};

Task<void> execute_all(Executor& executor, std::vector<StoreRequest> requests) {
  for (auto& request : requests) {
    const auto outcome = co_await executor.execute(std::move(request));
    EXPECT_TRUE(std::holds_alternative<StoredImage>(outcome));
  }
}

TEST_F(InProcessExecutorTest, StoresImagesOnItsWorkersWithinTheLimitOfTheHost) {
  ScriptedServer server([](const WireRequest&) { return WireReply::response(200, kPng); });
  std::vector<std::vector<StoreRequest>> lines(3);
  for (int i = 0; i < 60; ++i) lines[static_cast<std::size_t>(i) % 3].push_back(request(server, i));
  auto& all = executor(4, 3);
  run(loop_, execute_all(all, lines[0]) && execute_all(all, lines[1]) && execute_all(all, lines[2]));
  EXPECT_LE(server.peak_connections(), 3);
  EXPECT_EQ(stored(), 60U);
  EXPECT_EQ(budget_.used_bytes(), 0U);
}

TEST_F(InProcessExecutorTest, KeepsToTheLimitOfAHostThatOthersRedirectTo) {
  ScriptedServer target([](const WireRequest&) { return WireReply::response(200, kPng); });
  ScriptedServer redirecting([&](const WireRequest& request) {
    return WireReply::response(302, "", {{"Location", target.url(request.target)}});
  });
  std::vector<std::vector<StoreRequest>> lines(3);
  for (int i = 0; i < 30; ++i) lines[static_cast<std::size_t>(i) % 3].push_back(request(redirecting, i));
  auto& all = executor(3, 3);
  run(loop_, execute_all(all, lines[0]) && execute_all(all, lines[1]) && execute_all(all, lines[2]));
  EXPECT_LE(target.peak_connections(), 3);
  EXPECT_EQ(stored(), 30U);
}

TEST_F(InProcessExecutorTest, ReturnsAFailureAsTheOutcome) {
  ScriptedServer server([](const WireRequest&) { return WireReply::response(404); });
  const auto outcome = run(loop_, executor(1, 1).execute(request(server, 1)));
  EXPECT_EQ(std::get<Failure>(outcome).kind(), FailureKind::not_found);
}

TEST_F(InProcessExecutorTest, ReturnsAnythingElseThatIsThrownAsInternal) {
  ScriptedServer server([](const WireRequest&) { return WireReply::response(200, kPng); });
  const auto outcome = run(loop_, executor(1, 1, std::make_shared<BrokenStore>()).execute(request(server, 1)));
  EXPECT_EQ(std::get<Failure>(outcome).kind(), FailureKind::internal);
}

TEST_F(InProcessExecutorTest, ReturnsCancelledWhenItsCoroutineIsCancelled) {
  ScriptedServer server([](const WireRequest&) { return WireReply{.bytes = "", .then = WireReply::Then::stall}; });
  boost::asio::cancellation_signal cancel;
  std::optional<StoreOutcome> outcome;
  auto task = [](Executor& executor, StoreRequest wanted, std::optional<StoreOutcome>* result) -> Task<void> {
    result->emplace(co_await executor.execute(std::move(wanted)));
  };
  bool done = false;
  boost::asio::co_spawn(loop_, task(executor(2, 2), request(server, 1), &outcome),
                        boost::asio::bind_cancellation_slot(cancel.slot(), [&](const std::exception_ptr& error) {
                          EXPECT_FALSE(error);
                          done = true;
                        }));
  // Cancelled at once, and the request may be anywhere on its way.
  boost::asio::steady_timer timer(loop_, 20ms);
  timer.async_wait([&](const boost::system::error_code&) { cancel.emit(boost::asio::cancellation_type::terminal); });
  while (!done && loop_.run_one() > 0) continue;
  ASSERT_TRUE(outcome);
  EXPECT_EQ(std::get<Failure>(*outcome).kind(), FailureKind::cancelled);
}

}  // namespace
}  // namespace creel

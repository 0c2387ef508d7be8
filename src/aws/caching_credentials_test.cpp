#include "aws/caching_credentials.h"

#include <vector>

#include <gtest/gtest.h>

#include "aws/test_support.h"
#include "base/failure.h"
#include "base/wakeup.h"
#include "support/run_task.h"

namespace creel::aws {
namespace {

using creel::testing::run;
using testing::TestClock;
using namespace std::chrono_literals;

/// Makes new credentials each time it is asked; waits before if it is told to.
class Source final : public CredentialsProvider {
 public:
  Source(const Clock& clock, std::chrono::seconds lifetime) : clock_(clock), lifetime_(lifetime) {}

  Task<Credentials> get() override {
    ++asked;
    if (gate) co_await gate->wait();
    if (failing) throw Failure(FailureKind::bad_auth, "the source is down");
    co_return Credentials{.access_key_id = "key " + std::to_string(asked), .expires_at = clock_.now() + lifetime_};
  }

  int asked = 0;
  bool failing = false;
  std::shared_ptr<Wakeup> gate;

 private:
  const Clock& clock_;
  std::chrono::seconds lifetime_;
};

struct CachingCredentialsTest : ::testing::Test {
  std::string get() { return run(loop, caching.get()).access_key_id; }

  /// Begins a `get` whose result, a key or "failed", comes into `results` when it is there.
  void begin_get() {
    boost::asio::co_spawn(loop, caching.get(), [this](std::exception_ptr error, Credentials credentials) {
      results.push_back(error ? "failed" : credentials.access_key_id);
    });
    loop.restart();
    loop.poll();
  }

  void open_gate() {
    std::exchange(source.gate, nullptr)->notify();
    loop.restart();
    loop.poll();
  }

  boost::asio::io_context loop;
  TestClock clock;
  std::unique_ptr<Source> owned = std::make_unique<Source>(clock, 1h);
  Source& source = *owned;
  CachingCredentials caching{std::move(owned), clock, silent_log()};
  std::vector<std::string> results;
};

TEST_F(CachingCredentialsTest, AsksOnceUntilFiveMinutesBeforeTheEnd) {
  EXPECT_EQ(get(), "key 1");
  clock.advance(54min);
  EXPECT_EQ(get(), "key 1");
  clock.advance(1min);
  EXPECT_EQ(get(), "key 2");
  EXPECT_EQ(get(), "key 2");
}

TEST_F(CachingCredentialsTest, SharesOneTryAmongAllWhoWait) {
  source.gate = std::make_shared<Wakeup>(loop.get_executor());
  for (int i = 0; i < 3; ++i) begin_get();
  EXPECT_TRUE(results.empty());
  open_gate();
  EXPECT_EQ(results, (std::vector<std::string>{"key 1", "key 1", "key 1"}));
}

TEST_F(CachingCredentialsTest, SharesAFailedTryAmongAllWhoWait) {
  source.failing = true;
  source.gate = std::make_shared<Wakeup>(loop.get_executor());
  for (int i = 0; i < 3; ++i) begin_get();
  open_gate();
  EXPECT_EQ(results, (std::vector<std::string>{"failed", "failed", "failed"}));
  EXPECT_EQ(source.asked, 1);
  source.failing = false;
  EXPECT_EQ(get(), "key 2");
}

TEST_F(CachingCredentialsTest, LetsOthersGoOnWithTheOldOnesWhileOneRenews) {
  EXPECT_EQ(get(), "key 1");
  clock.advance(56min);
  source.gate = std::make_shared<Wakeup>(loop.get_executor());
  begin_get();
  begin_get();
  EXPECT_EQ(results, (std::vector<std::string>{"key 1"}));
  open_gate();
  EXPECT_EQ(results, (std::vector<std::string>{"key 1", "key 2"}));
}

TEST_F(CachingCredentialsTest, LetsAllWaitInTheLastMinute) {
  EXPECT_EQ(get(), "key 1");
  clock.advance(59min + 1s);
  source.gate = std::make_shared<Wakeup>(loop.get_executor());
  begin_get();
  begin_get();
  EXPECT_TRUE(results.empty());
  open_gate();
  EXPECT_EQ(results, (std::vector<std::string>{"key 2", "key 2"}));
}

TEST_F(CachingCredentialsTest, UsesTheOldOnesUntilTheyExpireIfRenewingFails) {
  EXPECT_EQ(get(), "key 1");
  source.failing = true;
  clock.advance(56min);
  EXPECT_EQ(get(), "key 1");
  EXPECT_EQ(get(), "key 1");
  EXPECT_EQ(source.asked, 2);
  clock.advance(CachingCredentials::kTryAgainAfter);
  EXPECT_EQ(get(), "key 1");
  EXPECT_EQ(source.asked, 3);
  clock.advance(5min);
  EXPECT_THROW(get(), Failure);
}

TEST_F(CachingCredentialsTest, AsksAgainForWhatAServiceRefused) {
  const auto first = run(loop, caching.get());
  caching.refuse(Credentials{.access_key_id = "another"});
  EXPECT_EQ(get(), "key 1");
  caching.refuse(first);
  EXPECT_EQ(get(), "key 2");
}

}  // namespace
}  // namespace creel::aws

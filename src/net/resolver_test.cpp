#include "net/resolver.h"

#include <atomic>
#include <future>
#include <thread>

#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include "base/failure.h"
#include "net/event_loop.h"
#include "support/run_task.h"
#include "support/started.h"

namespace creel {
namespace {

namespace asio = boost::asio;
using testing::run;
using testing::Started;
using namespace std::chrono_literals;
using Addresses = Resolver::Addresses;

/// Stands still until it is told to go on. Threads: any.
class SharedClock final : public Clock {
 public:
  SystemTime now() const override { return SystemTime(); }
  SteadyTime steady_now() const override { return SteadyTime(time_.load()); }
  void advance(std::chrono::seconds by) { time_ = time_.load() + by; }

 private:
  std::atomic<SteadyTime::duration> time_{1h};
};

Addresses address(const char* text) {
  return {asio::ip::make_address(text)};
}

class ResolverTest : public ::testing::Test {
 protected:
  /// A look-up that counts its calls; "missing.test" does not exist and "empty.test" has no address.
  Resolver::Lookup counting() {
    return [this](const std::string& host) -> Addresses {
      ++lookups_;
      if (host == "missing.test") throw Failure(FailureKind::dns, "no such host");
      if (host == "empty.test") return {};
      return address("192.0.2.7");
    };
  }

  /// A look-up that goes on once the test has called `release_`.
  Resolver::Lookup blocking() {
    return [this](const std::string&) {
      ++lookups_;
      released_.wait();
      return address("192.0.2.7");
    };
  }

  std::string failure_of(Resolver& resolver, const std::string& host, SteadyTime deadline = SteadyTime::max()) {
    try {
      run(loop_, resolver.resolve(host, deadline));
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.kind(), FailureKind::dns);
      return failure.what();
    }
    return "found";
  }

  SharedClock clock_;
  std::atomic<int> lookups_ = 0;
  std::promise<void> release_;
  std::shared_future<void> released_ = release_.get_future().share();
  asio::io_context loop_;
};

TEST_F(ResolverTest, RemembersAnAnswerForItsTime) {
  Resolver resolver(clock_, counting(), {.positive_ttl = 60s});
  EXPECT_EQ(run(loop_, resolver.resolve("a.test")), address("192.0.2.7"));
  clock_.advance(59s);
  EXPECT_EQ(run(loop_, resolver.resolve("a.test")), address("192.0.2.7"));
  EXPECT_EQ(lookups_, 1);
  clock_.advance(1s);
  run(loop_, resolver.resolve("a.test"));
  EXPECT_EQ(lookups_, 2);
}

TEST_F(ResolverTest, RemembersThatANameDoesNotExistForAShorterTime) {
  Resolver resolver(clock_, counting(), {.positive_ttl = 60s, .negative_ttl = 10s});
  EXPECT_EQ(failure_of(resolver, "missing.test"), "no such host");
  clock_.advance(9s);
  EXPECT_EQ(failure_of(resolver, "missing.test"), "no such host");
  EXPECT_EQ(lookups_, 1);
  clock_.advance(1s);
  EXPECT_EQ(failure_of(resolver, "missing.test"), "no such host");
  EXPECT_EQ(lookups_, 2);
}

TEST_F(ResolverTest, FailsForANameWithoutAnAddress) {
  Resolver resolver(clock_, counting());
  EXPECT_EQ(failure_of(resolver, "empty.test"), "'empty.test' has no address");
}

TEST_F(ResolverTest, TakesALiteralForItsOwnAnswer) {
  Resolver resolver(clock_, counting());
  EXPECT_EQ(run(loop_, resolver.resolve("127.0.0.1")), address("127.0.0.1"));
  EXPECT_EQ(run(loop_, resolver.resolve("2001:db8::1")), address("2001:db8::1"));
  EXPECT_EQ(lookups_, 0);
}

TEST_F(ResolverTest, LooksANameUpOnceForAllWhoAskAtTheSameTime) {
  Resolver resolver(clock_, blocking());
  EventLoop first;
  EventLoop second;
  std::vector<std::future<Addresses>> answers;
  for (int i = 0; i < 50; ++i) {
    answers.push_back(asio::co_spawn(first.executor(), resolver.resolve("a.test"), asio::use_future));
    answers.push_back(asio::co_spawn(second.executor(), resolver.resolve("a.test"), asio::use_future));
  }
  // Once these have run, all have asked.
  asio::post(first.executor(), asio::use_future).wait();
  asio::post(second.executor(), asio::use_future).wait();
  release_.set_value();
  for (auto& answer : answers) EXPECT_EQ(answer.get(), address("192.0.2.7"));
  EXPECT_EQ(lookups_, 1);
}

TEST_F(ResolverTest, LooksANameUpOnceAlsoForOneWhoAsksAsTheAnswerComes) {
  Resolver resolver(clock_, counting());
  EventLoop other;
  for (int i = 0; i < 500; ++i) {
    const auto host = "host-" + std::to_string(i) + ".test";
    auto first = asio::co_spawn(other.executor(), resolver.resolve(host), asio::use_future);
    run(loop_, resolver.resolve(host));
    first.get();
  }
  EXPECT_EQ(lookups_, 500);
}

TEST_F(ResolverTest, GivesUpAtTheDeadlineWithoutTheAnswer) {
  Resolver resolver(clock_, blocking());
  EXPECT_EQ(failure_of(resolver, "a.test", std::chrono::steady_clock::now() + 20ms),
            "looking up 'a.test' took too long");
  release_.set_value();
  EXPECT_EQ(run(loop_, resolver.resolve("a.test")), address("192.0.2.7"));
  EXPECT_EQ(lookups_, 1) << "the answer that came too late is kept for the next";
}

TEST_F(ResolverTest, ForgetsOldAnswersRatherThanKeepTooMany) {
  Resolver resolver(clock_, counting(), {.max_cached_names = 10});
  for (int i = 0; i < 100; ++i) run(loop_, resolver.resolve("host-" + std::to_string(i) + ".test"));
  EXPECT_EQ(lookups_, 100);
  run(loop_, resolver.resolve("host-99.test"));
  EXPECT_EQ(lookups_, 100) << "the newest is still known";
  run(loop_, resolver.resolve("host-0.test"));
  EXPECT_EQ(lookups_, 101) << "the oldest is not";
}

TEST_F(ResolverTest, DropsExpiredAnswersBeforeThoseThatAreStillGood) {
  Resolver resolver(clock_, counting(), {.max_cached_names = 10});
  for (int i = 0; i < 8; ++i) run(loop_, resolver.resolve("old-" + std::to_string(i) + ".test"));
  clock_.advance(59s);
  run(loop_, resolver.resolve("good.test"));
  clock_.advance(1s);
  for (int i = 0; i < 5; ++i) run(loop_, resolver.resolve("new-" + std::to_string(i) + ".test"));
  EXPECT_EQ(lookups_, 14);
  run(loop_, resolver.resolve("good.test"));
  EXPECT_EQ(lookups_, 14);
}

TEST_F(ResolverTest, WakesNobodyWhoseEventLoopIsGone) {
  Resolver resolver(clock_, blocking());
  {
    asio::io_context other;
    Started gone(other, resolver.resolve("a.test"));
    other.poll();
    EXPECT_FALSE(gone.done());
  }
  {
    asio::io_context other;
    Started cancelled(other, resolver.resolve("a.test"));
    other.poll();
    cancelled.cancel();
    other.poll();
    EXPECT_TRUE(cancelled.done());
  }
  release_.set_value();
  EXPECT_EQ(run(loop_, resolver.resolve("a.test")), address("192.0.2.7"));
  EXPECT_EQ(lookups_, 1);
}

TEST_F(ResolverTest, MayGoWhileNamesAreStillToBeLookedUp) {
  std::vector<std::unique_ptr<Started<Addresses>>> asked;
  auto resolver = std::make_unique<Resolver>(clock_, blocking(), ResolverOptions{.threads = 1});
  for (int i = 0; i < 20; ++i) {
    asked.push_back(
        std::make_unique<Started<Addresses>>(loop_, resolver->resolve("host-" + std::to_string(i) + ".test")));
  }
  loop_.poll();
  std::jthread going([&resolver] { resolver.reset(); });
  release_.set_value();
}

TEST(SystemLookup, FindsLoopbackUnderItsName) {
  const auto addresses = system_lookup("localhost");
  ASSERT_FALSE(addresses.empty());
  for (const auto& found : addresses) EXPECT_TRUE(found.is_loopback()) << found;
}

TEST(SystemLookup, FailsForWhatCannotBeAName) {
  try {
    system_lookup(std::string(300, 'x'));
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.kind(), FailureKind::dns);
  }
}

}  // namespace
}  // namespace creel

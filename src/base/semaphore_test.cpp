#include "base/semaphore.h"

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/system/system_error.hpp>
#include <gtest/gtest.h>

#include "support/run_task.h"
#include "support/started.h"

namespace creel {
namespace {

namespace asio = boost::asio;
using testing::run;
using testing::Started;
using enum FailureKind;
using namespace std::chrono_literals;

using Permit = Semaphore::Permit;
using Arrival = Started<Permit>;

SteadyTime in(std::chrono::microseconds time) {
  return std::chrono::steady_clock::now() + time;
}

class SemaphoreTest : public ::testing::Test {
 protected:
  Permit taken(Semaphore& semaphore, std::size_t count = 1) { return run(loop_, semaphore.acquire(count)); }

  /// Lets everything go on that can.
  void settle() {
    loop_.restart();
    loop_.poll();
  }

  asio::io_context loop_;
};

TEST_F(SemaphoreTest, CountsPermitsOutAndTakesThemBack) {
  Semaphore semaphore(5);
  {
    const auto one = taken(semaphore);
    const auto three = taken(semaphore, 3);
    EXPECT_EQ(three.count(), 3U);
    EXPECT_EQ(semaphore.in_use(), 4U);
  }
  EXPECT_EQ(semaphore.in_use(), 0U);
  EXPECT_EQ(semaphore.peak(), 4U);
  EXPECT_EQ(semaphore.capacity(), 5U);
}

TEST_F(SemaphoreTest, MovesAPermitWithoutLosingOrDoublingIt) {
  Semaphore semaphore(5);
  auto first = taken(semaphore, 2);
  auto second = std::move(first);
  EXPECT_EQ(first.count(), 0U);
  EXPECT_EQ(second.count(), 2U);
  auto third = taken(semaphore, 3);
  third = std::move(second);
  EXPECT_EQ(semaphore.in_use(), 2U) << "its own three are given back";
  auto& same = third;
  third = std::move(same);
  EXPECT_EQ(third.count(), 2U);
  third = Permit();
  EXPECT_EQ(semaphore.in_use(), 0U);
}

TEST_F(SemaphoreTest, ServesInOrderOfArrivalAlsoWhenALaterOneWouldFit) {
  Semaphore semaphore(3);
  auto held = taken(semaphore, 2);
  Arrival big(loop_, semaphore.acquire(3));
  Arrival small(loop_, semaphore.acquire(1));
  settle();
  EXPECT_FALSE(big.done());
  EXPECT_FALSE(small.done());
  held = Permit();
  settle();
  EXPECT_TRUE(big.succeeded());
  EXPECT_FALSE(small.done());
  big.value() = Permit();
  settle();
  EXPECT_TRUE(small.succeeded());
}

TEST_F(SemaphoreTest, WakesTheNextWhenAPermitShrinks) {
  Semaphore semaphore(4);
  auto held = taken(semaphore, 4);
  Arrival first(loop_, semaphore.acquire(2));
  Arrival second(loop_, semaphore.acquire(2));
  held.shrink_to(3);
  settle();
  EXPECT_FALSE(first.done());
  held.shrink_to(2);
  settle();
  EXPECT_TRUE(first.succeeded());
  EXPECT_FALSE(second.done());
  held.shrink_to(3);
  EXPECT_EQ(held.count(), 2U) << "it only ever shrinks";
}

TEST_F(SemaphoreTest, LeavesAPermitAsItWasWhenItsGrowthTimesOut) {
  Semaphore semaphore(10);
  const auto others = taken(semaphore, 6);
  auto permit = taken(semaphore, 2);
  Started growing(loop_, semaphore.grow(permit, 5, std::chrono::steady_clock::now() + 5ms));
  loop_.restart();
  loop_.run();
  EXPECT_EQ(growing.failure_kind(), timeout);
  EXPECT_EQ(permit.count(), 2U);
  EXPECT_EQ(semaphore.in_use(), 8U);
}

TEST_F(SemaphoreTest, ServesGrowthBeforeArrivals) {
  Semaphore semaphore(10, 4);
  auto first = taken(semaphore, 3);
  auto second = taken(semaphore, 2);
  Started growing(loop_, semaphore.grow(second, 8));
  Arrival arriving(loop_, semaphore.acquire(1));
  settle();
  EXPECT_FALSE(arriving.done()) << "it would fit, but one that grows is waiting";
  semaphore.set_capacity(10);
  settle();
  EXPECT_FALSE(arriving.done()) << "nor does it overtake when the line moves";
  first = Permit();
  settle();
  EXPECT_TRUE(growing.succeeded());
  EXPECT_FALSE(arriving.done()) << "the reserve is in use";
  second = Permit();
  settle();
  EXPECT_TRUE(arriving.succeeded());
}

TEST_F(SemaphoreTest, LetsOnlyGrowthUseTheReserve) {
  Semaphore semaphore(10, 4);
  auto first = taken(semaphore, 6);
  Arrival arriving(loop_, semaphore.acquire(1));
  settle();
  EXPECT_FALSE(arriving.done());
  run(loop_, semaphore.grow(first, 10));
  EXPECT_EQ(first.count(), 10U);
  first.shrink_to(5);
  settle();
  EXPECT_TRUE(arriving.succeeded());
}

TEST_F(SemaphoreTest, GivesPermitsWithoutWaitingOnlyIfTheyAreFreeAndNobodyWaits) {
  Semaphore semaphore(10, 4);
  auto held = semaphore.try_acquire(4);
  ASSERT_TRUE(held);
  EXPECT_EQ(held->count(), 4U);
  EXPECT_FALSE(semaphore.try_acquire(3)) << "the reserve is for growth";
  Arrival waiting(loop_, semaphore.acquire(3));
  settle();
  EXPECT_FALSE(semaphore.try_acquire(1)) << "it would overtake";
  held->shrink_to(1);
  settle();
  EXPECT_TRUE(waiting.succeeded());
  EXPECT_TRUE(semaphore.try_acquire(2));
  EXPECT_EQ(semaphore.in_use(), 4U) << "a permit that nobody keeps comes back";
}

TEST_F(SemaphoreTest, TimesOutAtTheDeadlineAndLetsTheNextThrough) {
  Semaphore semaphore(3);
  const auto held = taken(semaphore, 2);
  Arrival big(loop_, semaphore.acquire(2, in(300ms)));
  Arrival small(loop_, semaphore.acquire(1));
  settle();
  EXPECT_FALSE(small.done());
  loop_.restart();
  loop_.run();
  EXPECT_EQ(big.failure_kind(), timeout);
  EXPECT_TRUE(small.succeeded());
  EXPECT_EQ(semaphore.in_use(), 3U);
}

TEST_F(SemaphoreTest, NeedsNoTimeWhenPermitsAreFree) {
  Semaphore semaphore(1);
  EXPECT_EQ(run(loop_, semaphore.acquire(1, in(-1h))).count(), 1U);
}

TEST_F(SemaphoreTest, TakesACancelledWaiterOutOfTheLine) {
  Semaphore semaphore(3);
  auto held = taken(semaphore, 2);
  Arrival big(loop_, semaphore.acquire(2));
  Arrival small(loop_, semaphore.acquire(1));
  settle();
  big.cancel();
  settle();
  EXPECT_THROW(big.value(), boost::system::system_error);
  EXPECT_TRUE(small.succeeded());
  held = Permit();
  small.value() = Permit();
  EXPECT_EQ(semaphore.in_use(), 0U);
}

TEST_F(SemaphoreTest, TakesPermitsBackThatWereGrantedToAWaiterAsItWasCancelled) {
  Semaphore semaphore(1);
  auto held = taken(semaphore);
  Arrival first(loop_, semaphore.acquire());
  Arrival second(loop_, semaphore.acquire());
  settle();
  held = Permit();  // granted to the first, which does not know it yet
  first.cancel();
  settle();
  EXPECT_THROW(first.value(), boost::system::system_error);
  EXPECT_TRUE(second.succeeded());
  EXPECT_EQ(semaphore.in_use(), 1U);
}

TEST_F(SemaphoreTest, TakesGrowthBackThatWasGrantedAsItWasCancelled) {
  Semaphore semaphore(4);
  auto held = taken(semaphore, 2);
  auto growing = taken(semaphore, 2);
  Started growth(loop_, semaphore.grow(growing, 4));
  settle();
  held = Permit();
  growth.cancel();
  settle();
  EXPECT_TRUE(growth.done());
  EXPECT_EQ(growing.count(), 2U);
  EXPECT_EQ(semaphore.in_use(), 2U);
}

TEST_F(SemaphoreTest, ForgetsAWaiterThatGoesWithItsEventLoop) {
  Semaphore semaphore(1);
  auto held = taken(semaphore);
  {
    asio::io_context other;
    Arrival gone(other, semaphore.acquire());
    other.poll();
    EXPECT_FALSE(gone.done());
  }
  Arrival next(loop_, semaphore.acquire());
  settle();
  held = Permit();
  settle();
  EXPECT_TRUE(next.succeeded());
}

TEST_F(SemaphoreTest, MayGoBeforeItsPermitsAndBeforeTheEventLoopOfItsWaiters) {
  Permit held;
  {
    Semaphore semaphore(1);
    held = taken(semaphore);
    Arrival waiting(loop_, semaphore.acquire());
    settle();
    EXPECT_FALSE(waiting.done());
  }
  EXPECT_EQ(held.count(), 1U);
}

TEST_F(SemaphoreTest, ServesWaitersWhenItsCapacityIsRaised) {
  Semaphore semaphore(1);
  const auto held = taken(semaphore);
  Arrival first(loop_, semaphore.acquire());
  Arrival second(loop_, semaphore.acquire());
  settle();
  semaphore.set_capacity(2);
  settle();
  EXPECT_TRUE(first.succeeded());
  EXPECT_FALSE(second.done());
  semaphore.set_capacity(3);
  settle();
  EXPECT_TRUE(second.succeeded());
}

TEST_F(SemaphoreTest, WaitsForPermitsToComeBackWhenItsCapacityIsLowered) {
  Semaphore semaphore(3);
  auto held = taken(semaphore, 3);
  semaphore.set_capacity(1);
  EXPECT_EQ(semaphore.in_use(), 3U);
  Arrival next(loop_, semaphore.acquire());
  for (const std::size_t left : {2U, 1U}) {
    held.shrink_to(left);
    settle();
    EXPECT_FALSE(next.done()) << left;
  }
  held = Permit();
  settle();
  EXPECT_TRUE(next.succeeded());
}

/// What several threads see of one semaphore.
struct Gauge {
  std::atomic<std::size_t> now = 0;
  std::atomic<std::size_t> most = 0;
  std::atomic<int> served = 0;

  void enter(std::size_t count) {
    const auto level = now += count;
    auto seen = most.load();
    while (level > seen && !most.compare_exchange_weak(seen, level)) continue;
    ++served;
  }
};

/// Cancels its place in line when the time is up; the permit is empty then.
Task<Permit> try_for(std::chrono::microseconds time, Semaphore& semaphore, std::size_t count) {
  using namespace asio::experimental::awaitable_operators;
  asio::steady_timer timer(co_await asio::this_coro::executor, time);
  auto first = co_await (semaphore.acquire(count) || timer.async_wait(asio::use_awaitable));
  if (first.index() != 0) co_return Permit();
  co_return std::get<0>(std::move(first));
}

/// Takes permits and gives them back, over and over; some tries end at a deadline and some are cancelled.
Task<void> use(Semaphore& semaphore, Gauge& gauge, int rounds) {
  for (int i = 0; i < rounds; ++i) {
    const auto count = static_cast<std::size_t>(1 + i % 3);
    Permit permit;
    try {
      if (i % 7 == 0) {
        permit = co_await try_for(50us, semaphore, count);
      } else {
        permit = co_await semaphore.acquire(count, in(i % 5 == 0 ? 50us : 60s));
      }
      if (permit.count() != 0 && i % 4 == 0) co_await semaphore.grow(permit, 4, in(60s));
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.kind(), timeout);
      continue;
    }
    gauge.enter(permit.count());
    co_await asio::post(asio::use_awaitable);
    gauge.now -= permit.count();
  }
}

TEST(SemaphoreOnThreads, NeverGivesOutMoreThanItHasAndLosesNone) {
  constexpr std::size_t kCapacity = 8;
  Semaphore semaphore(kCapacity, 4);
  Gauge gauge;
  std::vector<std::unique_ptr<asio::io_context>> loops;
  for (int i = 0; i < 4; ++i) {
    loops.push_back(std::make_unique<asio::io_context>(1));
    for (int j = 0; j < 8; ++j) {
      asio::co_spawn(*loops.back(), use(semaphore, gauge, 50),
                     [](std::exception_ptr failure) { EXPECT_FALSE(failure); });
    }
  }
  {
    std::vector<std::jthread> threads;
    for (auto& loop : loops) threads.emplace_back([&loop] { loop->run(); });
  }
  EXPECT_EQ(semaphore.in_use(), 0U);
  EXPECT_LE(gauge.most, kCapacity);
  EXPECT_LE(semaphore.peak(), kCapacity);
  EXPECT_GT(gauge.served, 0);
}

}  // namespace
}  // namespace creel

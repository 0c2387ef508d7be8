#include "base/byte_budget.h"

#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "support/run_task.h"
#include "support/started.h"

namespace creel {
namespace {

using testing::run;
using testing::Started;
using namespace std::chrono_literals;

constexpr std::size_t kMiB = 1024 * 1024;

TEST(ByteBudget, IsNeverTooSmallForOneToGrow) {
  EXPECT_EQ(ByteBudget(1).capacity_bytes(), 16 * kMiB);
  EXPECT_EQ(ByteBudget(100 * kMiB).capacity_bytes(), 100 * kMiB);
}

TEST(ByteBudget, CountsWhatIsReservedAndGrown) {
  boost::asio::io_context loop;
  ByteBudget budget(0);
  {
    auto ticket = run(loop, budget.reserve(1000));
    EXPECT_EQ(budget.used_bytes(), 1000U);
    run(loop, budget.grow(ticket, 5000));
    EXPECT_EQ(ticket.count(), 5000U);
    run(loop, budget.grow(ticket, 200));
    EXPECT_EQ(ticket.count(), 5000U) << "growing to less is no shrinking";
    EXPECT_EQ(budget.used_bytes(), 5000U);
  }
  EXPECT_EQ(budget.used_bytes(), 0U);
  EXPECT_EQ(budget.peak_bytes(), 5000U);
}

TEST(ByteBudget, KeepsTheLastBytesForThoseThatGrow) {
  boost::asio::io_context loop;
  ByteBudget budget(16 * kMiB);
  auto first = run(loop, budget.reserve(4 * kMiB));
  auto second = run(loop, budget.reserve(4 * kMiB));
  Started arriving(loop, budget.reserve(1));
  Started growing(loop, budget.grow(first, 8 * kMiB));
  Started growing_too(loop, budget.grow(second, 8 * kMiB));
  loop.restart();
  loop.poll();
  EXPECT_TRUE(growing.succeeded());
  EXPECT_TRUE(growing_too.succeeded());
  EXPECT_FALSE(arriving.succeeded());
  EXPECT_EQ(budget.used_bytes(), 16 * kMiB);
}

Task<void> arrive_then_grow(ByteBudget& budget, int& holding, int everyone, int& grown) {
  auto ticket = co_await budget.reserve(64 * 1024);
  ++holding;
  while (holding < everyone) co_await boost::asio::post(boost::asio::use_awaitable);
  co_await budget.grow(ticket, ByteBudget::kLargestTicket);
  ++grown;
}

TEST(ByteBudget, LetsAllGrowOneAfterTheOtherWhenAllWantItAtOnce) {
  boost::asio::io_context loop;
  ByteBudget budget(0);
  constexpr int kEveryone = 128;  // together all that arrivals may hold
  int holding = 0;
  int grown = 0;
  std::vector<std::unique_ptr<Started<void>>> transfers;
  for (int i = 0; i < kEveryone; ++i) {
    transfers.push_back(std::make_unique<Started<void>>(loop, arrive_then_grow(budget, holding, kEveryone, grown)));
  }
  loop.restart();
  loop.run_for(30s);
  EXPECT_EQ(holding, kEveryone);
  EXPECT_EQ(grown, kEveryone);
  EXPECT_EQ(budget.used_bytes(), 0U);
  EXPECT_LE(budget.peak_bytes(), budget.capacity_bytes());
}

}  // namespace
}  // namespace creel

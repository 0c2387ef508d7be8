#include "base/blocking.h"

#include <future>
#include <memory>
#include <stdexcept>
#include <thread>

#include <gtest/gtest.h>

#include "support/run_task.h"
#include "support/started.h"

namespace creel {
namespace {

using testing::run;
using testing::Started;

class RunBlockingTest : public ::testing::Test {
 protected:
  ~RunBlockingTest() override { pool_.join(); }

  boost::asio::io_context loop_;
  boost::asio::thread_pool pool_{2};
};

TEST_F(RunBlockingTest, GivesBackWhatTheWorkReturns) {
  EXPECT_EQ(*run(loop_, run_blocking(pool_, [] { return std::make_unique<int>(42); })), 42);
}

TEST_F(RunBlockingTest, WaitsForWorkThatReturnsNothing) {
  bool worked = false;
  run(loop_, run_blocking(pool_, [&worked] { worked = true; }));
  EXPECT_TRUE(worked);
}

TEST_F(RunBlockingTest, PassesOnWhatTheWorkThrows) {
  EXPECT_THROW(run(loop_, run_blocking(pool_, [] { throw std::out_of_range("no"); })), std::out_of_range);
  EXPECT_THROW(run(loop_, run_blocking(pool_, []() -> int { throw std::out_of_range("no"); })), std::out_of_range);
}

Task<void> compare_threads(boost::asio::thread_pool& pool) {
  const auto before = std::this_thread::get_id();
  const auto inside = co_await run_blocking(pool, [] { return std::this_thread::get_id(); });
  EXPECT_NE(inside, before);
  EXPECT_EQ(std::this_thread::get_id(), before);
}

TEST_F(RunBlockingTest, WorksOnThePoolAndGoesOnWhereItWasCalled) {
  run(loop_, compare_threads(pool_));
}

TEST_F(RunBlockingTest, LeavesTheEventLoopFreeMeanwhile) {
  std::promise<void> release;
  Started blocked(loop_, run_blocking(pool_, [&release] { release.get_future().wait(); }));
  boost::asio::post(loop_, [&release] { release.set_value(); });
  loop_.run();
  EXPECT_TRUE(blocked.succeeded());
}

TEST_F(RunBlockingTest, LastsToTheEndOfTheWorkWhenTheCallerIsCancelled) {
  std::promise<void> release;
  Started blocked(loop_, run_blocking(pool_, [&release] {
                    release.get_future().wait();
                    return 42;
                  }));
  loop_.poll();
  blocked.cancel();
  loop_.poll();
  EXPECT_FALSE(blocked.done());
  release.set_value();
  loop_.run();
  EXPECT_EQ(blocked.value(), 42);
}

}  // namespace
}  // namespace creel

#include "lambda/blocking_pool.h"

#include <latch>

#include <gtest/gtest.h>

namespace creel::lambda {
namespace {

TEST(BlockingPool, StartsNoThreadWithoutWork) {
  const BlockingPool pool(4);
  EXPECT_EQ(pool.threads(), 0u);
}

TEST(BlockingPool, RunsAsMuchAtATimeAsItMay) {
  BlockingPool pool(2);
  // Two that wait for each other, so both have to run at once.
  std::latch both(2);
  std::latch done(2);
  for (int i = 0; i < 2; ++i) {
    pool.post([&] {
      both.arrive_and_wait();
      done.count_down();
    });
  }
  done.wait();
  EXPECT_EQ(pool.threads(), 2u);
}

TEST(BlockingPool, KeepsTheRestUntilAThreadIsFree) {
  std::latch done(10);
  {
    BlockingPool pool(1);
    for (int i = 0; i < 10; ++i) pool.post([&] { done.count_down(); });
    done.wait();
    EXPECT_EQ(pool.threads(), 1u);
  }
  EXPECT_TRUE(done.try_wait());
}

TEST(BlockingPool, WaitsAtItsEndForWhatIsUnderWay) {
  std::latch begun(1);
  bool is_over = false;
  {
    BlockingPool pool(1);
    pool.post([&] {
      begun.count_down();
      is_over = true;
    });
    begun.wait();
  }
  EXPECT_TRUE(is_over);
}

}  // namespace
}  // namespace creel::lambda

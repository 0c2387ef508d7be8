#include "api/run_on.h"

#include <stdexcept>
#include <thread>

#include <gtest/gtest.h>

#include "net/event_loop.h"
#include "support/run_task.h"
#include "support/started.h"

namespace creel {
namespace {

Task<std::thread::id> tell_thread() {
  co_return std::this_thread::get_id();
}

Task<void> break_down() {
  throw std::runtime_error("no");
  co_return;
}

class RunOnTest : public ::testing::Test {
 protected:
  boost::asio::io_context loop_;
  EventLoop other_;
};

TEST_F(RunOnTest, RunsOnTheOtherLoopAndComesBack) {
  const auto there = testing::run(loop_, run_on(other_.executor(), [] { return tell_thread(); }));
  EXPECT_NE(there, std::this_thread::get_id());
}

TEST_F(RunOnTest, RunsOnItsOwnLoopToo) {
  const auto there = testing::run(loop_, run_on(loop_.get_executor(), [] { return tell_thread(); }));
  EXPECT_EQ(there, std::this_thread::get_id());
}

TEST_F(RunOnTest, PassesOnWhatIsThrown) {
  EXPECT_THROW(testing::run(loop_, run_on(other_.executor(), [] { return break_down(); })), std::runtime_error);
}

TEST_F(RunOnTest, WaitsForItsEndAlsoWhenItIsCancelled) {
  const auto gate = std::make_shared<Wakeup>(other_.executor());
  const auto wait = [&]() -> Task<bool> { return gate->wait(); };
  testing::Started<bool> started(loop_, run_on(other_.executor(), wait));
  loop_.poll();
  started.cancel();
  loop_.poll();
  EXPECT_FALSE(started.done());
  Wakeup::post_notify(gate);
  loop_.restart();
  while (!started.done()) loop_.run_one();
  EXPECT_TRUE(started.succeeded());
}

}  // namespace
}  // namespace creel

#include "base/wakeup.h"

#include <thread>

#include <boost/system/system_error.hpp>
#include <gtest/gtest.h>

#include "support/run_task.h"
#include "support/started.h"

namespace creel {
namespace {

using testing::run;
using testing::Started;
using namespace std::chrono_literals;

SteadyTime in(std::chrono::milliseconds time) {
  return std::chrono::steady_clock::now() + time;
}

TEST(Wakeup, GoesOnAtOnceWhenItWasNotifiedBefore) {
  boost::asio::io_context loop;
  const auto wakeup = std::make_shared<Wakeup>(loop.get_executor());
  wakeup->notify();
  EXPECT_TRUE(run(loop, wakeup->wait()));
}

TEST(Wakeup, WaitsAnewAfterEachNotification) {
  boost::asio::io_context loop;
  const auto wakeup = std::make_shared<Wakeup>(loop.get_executor());
  wakeup->notify();
  wakeup->notify();
  EXPECT_TRUE(run(loop, wakeup->wait()));
  EXPECT_FALSE(run(loop, wakeup->wait(in(1ms))));
}

TEST(Wakeup, WaitsUntilItIsNotified) {
  boost::asio::io_context loop;
  const auto wakeup = std::make_shared<Wakeup>(loop.get_executor());
  Started waiting(loop, wakeup->wait());
  loop.poll();
  EXPECT_FALSE(waiting.done());
  wakeup->notify();
  loop.poll();
  EXPECT_TRUE(waiting.value());
}

TEST(Wakeup, IsFalseAtTheDeadlineAlsoWhenThatHasPassed) {
  boost::asio::io_context loop;
  const auto wakeup = std::make_shared<Wakeup>(loop.get_executor());
  const auto deadline = in(20ms);
  EXPECT_FALSE(run(loop, wakeup->wait(deadline)));
  EXPECT_GE(std::chrono::steady_clock::now(), deadline);
  EXPECT_FALSE(run(loop, wakeup->wait(in(-1h))));
}

TEST(Wakeup, EndsWithAnErrorWhenItIsCancelled) {
  boost::asio::io_context loop;
  const auto wakeup = std::make_shared<Wakeup>(loop.get_executor());
  Started waiting(loop, wakeup->wait());
  loop.poll();
  waiting.cancel();
  loop.run();
  EXPECT_THROW(waiting.value(), boost::system::system_error);
}

Task<void> ask_and_wait(std::shared_ptr<Wakeup> own, std::shared_ptr<Wakeup> other, int rounds) {
  for (int i = 0; i < rounds; ++i) {
    Wakeup::post_notify(other);
    const bool notified = co_await own->wait(in(60s));
    EXPECT_TRUE(notified);
  }
}

Task<void> wait_and_answer(std::shared_ptr<Wakeup> own, std::shared_ptr<Wakeup> other, int rounds) {
  for (int i = 0; i < rounds; ++i) {
    const bool notified = co_await own->wait(in(60s));
    EXPECT_TRUE(notified);
    Wakeup::post_notify(other);
  }
}

TEST(Wakeup, IsNotifiedFromOtherThreads) {
  boost::asio::io_context here;
  boost::asio::io_context there;
  const auto mine = std::make_shared<Wakeup>(here.get_executor());
  const auto theirs = std::make_shared<Wakeup>(there.get_executor());
  std::jthread thread([&] { run(there, wait_and_answer(theirs, mine, 1000)); });
  run(here, ask_and_wait(mine, theirs, 1000));
}

}  // namespace
}  // namespace creel

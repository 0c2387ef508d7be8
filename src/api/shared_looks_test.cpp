#include "api/shared_looks.h"

#include <stdexcept>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "base/wakeup.h"

namespace creel {
namespace {

/// Looks that wait to be told to end, and give their number.
class SharedLooksTest : public ::testing::Test {
 protected:
  void ask(const std::string& key) {
    const auto place = answers_.size();
    answers_.emplace_back("none yet");
    boost::asio::co_spawn(loop_, get(key, place), [this, place](const std::exception_ptr& failure) {
      if (failure) answers_[place] = "failed";
    });
    poll();
  }

  void end_look(std::size_t number) {
    ends_.at(number)->notify();
    poll();
  }

  void poll() {
    loop_.restart();
    loop_.poll();
  }

  Task<void> get(std::string key, std::size_t place) {
    const auto text = co_await looks_.get(key, [this] { return look(); });
    answers_[place] = *text;
  }

  Task<std::string> look() {
    const auto number = ends_.size();
    ends_.push_back(std::make_shared<Wakeup>(loop_.get_executor()));
    co_await ends_[number]->wait();
    if (fails_) throw std::runtime_error("no catalog");
    co_return std::to_string(number);
  }

  boost::asio::io_context loop_;
  SharedLooks looks_{loop_.get_executor()};
  std::vector<std::shared_ptr<Wakeup>> ends_;
  std::vector<std::string> answers_;
  bool fails_ = false;
};

TEST_F(SharedLooksTest, ThoseWhoComeDuringALookShareTheNextOne) {
  ask("a");
  ask("a");
  ask("a");
  EXPECT_EQ(ends_.size(), 1U);
  end_look(0);
  EXPECT_EQ(answers_, (std::vector<std::string>{"0", "none yet", "none yet"}));
  EXPECT_EQ(ends_.size(), 2U);
  end_look(1);
  EXPECT_EQ(answers_, (std::vector<std::string>{"0", "1", "1"}));
  EXPECT_EQ(ends_.size(), 2U);
}

TEST_F(SharedLooksTest, AnotherQuestionDoesNotWait) {
  ask("a");
  ask("b");
  EXPECT_EQ(ends_.size(), 2U);
  end_look(1);
  end_look(0);
  EXPECT_EQ(answers_, (std::vector<std::string>{"0", "1"}));
}

TEST_F(SharedLooksTest, AFailureGoesToAllWhoShareItAndIsNotKept) {
  ask("a");
  ask("a");
  ask("a");
  end_look(0);
  fails_ = true;
  end_look(1);
  EXPECT_EQ(answers_, (std::vector<std::string>{"0", "failed", "failed"}));
  fails_ = false;
  ask("a");
  end_look(2);
  EXPECT_EQ(answers_.back(), "2");
}

}  // namespace
}  // namespace creel

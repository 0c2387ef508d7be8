#include "lambda/blocking_pool.h"

#include "lambda/crash_report.h"

namespace creel::lambda {

BlockingPool::~BlockingPool() {
  {
    const std::scoped_lock lock(mutex_);
    is_ending_ = true;
    waiting_.clear();
  }
  has_work_.notify_all();
  for (auto& thread : threads_) thread.join();
}

void BlockingPool::post(Work work) {
  {
    const std::scoped_lock lock(mutex_);
    waiting_.push_back(std::move(work));
    if (waiting_.size() > idle_ && threads_.size() < most_threads_) {
      threads_.emplace_back([this] { work_on(); });
      return;
    }
  }
  has_work_.notify_one();
}

std::size_t BlockingPool::threads() const {
  const std::scoped_lock lock(mutex_);
  return threads_.size();
}

void BlockingPool::work_on() {
  const SignalStack signal_stack;
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_;
    has_work_.wait(lock, [this] { return is_ending_ || !waiting_.empty(); });
    --idle_;
    if (is_ending_) return;
    auto work = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    work();
    work = {};
    lock.lock();
  }
}

}  // namespace creel::lambda

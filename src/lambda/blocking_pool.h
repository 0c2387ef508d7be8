#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace creel::lambda {

/// Threads for handlers that block, each started when there is work and no thread is idle. Threads: any.
class BlockingPool {
 public:
  using Work = std::move_only_function<void()>;

  explicit BlockingPool(std::size_t most_threads) : most_threads_(most_threads) {}
  /// Waits for the work that is under way, and drops what is not.
  ~BlockingPool();
  BlockingPool(const BlockingPool&) = delete;
  BlockingPool& operator=(const BlockingPool&) = delete;

  /// `work` throws nothing.
  void post(Work work);

  std::size_t threads() const;

 private:
  void work_on();

  const std::size_t most_threads_;
  mutable std::mutex mutex_;
  std::condition_variable has_work_;
  std::deque<Work> waiting_;
  std::vector<std::thread> threads_;
  std::size_t idle_ = 0;
  bool is_ending_ = false;
};

}  // namespace creel::lambda

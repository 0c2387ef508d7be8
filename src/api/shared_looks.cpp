#include "api/shared_looks.h"

#include <exception>
#include <unordered_map>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>

#include "base/wakeup.h"

namespace creel {
namespace {

/// One look, and those who wait for it.
struct Shared {
  SharedLooks::Look look;
  SharedLooks::Text text;
  std::exception_ptr failure;
  bool is_over = false;
  std::vector<std::shared_ptr<Wakeup>> waiting;

  void end() {
    is_over = true;
    for (const auto& wakeup : std::exchange(waiting, {})) wakeup->notify();
  }
};

}  // namespace

class SharedLooks::State : public std::enable_shared_from_this<State> {
 public:
  explicit State(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}

  /// The look to wait for: the next one of that key.
  std::shared_ptr<Shared> join(const std::string& key, Look look) {
    auto& next = next_[key];
    const bool is_idle = next == nullptr && !running_.contains(key);
    if (next == nullptr) {
      next = std::make_shared<Shared>();
      next->look = std::move(look);
    }
    const auto joined = next;
    if (is_idle) begin(key);
    return joined;
  }

 private:
  /// Starts the next look, if anybody waits for one. It goes on though those who wait have gone.
  void begin(const std::string& key) {
    const auto found = next_.find(key);
    if (found == next_.end()) return;
    const auto shared = std::move(found->second);
    next_.erase(found);
    running_.emplace(key, shared);
    boost::asio::co_spawn(executor_, run(shared), [self = shared_from_this(), key, shared](std::exception_ptr failure) {
      shared->failure = std::move(failure);
      self->running_.erase(key);
      shared->end();
      self->begin(key);
    });
  }

  static Task<void> run(std::shared_ptr<Shared> shared) {
    shared->text = std::make_shared<const std::string>(co_await shared->look());
  }

  boost::asio::any_io_executor executor_;
  std::unordered_map<std::string, std::shared_ptr<Shared>> next_;
  std::unordered_map<std::string, std::shared_ptr<Shared>> running_;
};

SharedLooks::SharedLooks(boost::asio::any_io_executor executor)
    : state_(std::make_shared<State>(std::move(executor))) {}

SharedLooks::~SharedLooks() = default;

Task<SharedLooks::Text> SharedLooks::get(std::string key, Look look) {
  const auto shared = state_->join(key, std::move(look));
  if (!shared->is_over) {
    const auto wakeup = std::make_shared<Wakeup>(co_await boost::asio::this_coro::executor);
    shared->waiting.push_back(wakeup);
    co_await wakeup->wait();
  }
  if (shared->failure) std::rethrow_exception(shared->failure);
  co_return shared->text;
}

}  // namespace creel

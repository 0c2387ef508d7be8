#include "base/semaphore.h"

#include <algorithm>
#include <deque>
#include <mutex>

#include <boost/asio/this_coro.hpp>

#include "base/failure.h"
#include "base/wakeup.h"

namespace creel {

/// What the semaphore, its permits and its waiters share.
class Semaphore::State {
 public:
  struct Waiter {
    std::size_t count;
    std::shared_ptr<Wakeup> wakeup;
    bool granted = false;
  };

  State(std::size_t capacity, std::size_t growth_reserve) : growth_reserve_(growth_reserve), capacity_(capacity) {}

  /// Takes the permits at once if it is this one's turn; otherwise gives back its place in line.
  std::shared_ptr<Waiter> take_or_wait(std::size_t count, Line line, const boost::asio::any_io_executor& executor) {
    const std::scoped_lock lock(mutex_);
    if (take_in_turn(count, line)) return nullptr;
    auto& queue = queue_of(line);
    queue.push_back(std::make_shared<Waiter>(Waiter{count, std::make_shared<Wakeup>(executor)}));
    return queue.back();
  }

  bool take_if_free(std::size_t count) {
    const std::scoped_lock lock(mutex_);
    return take_in_turn(count, Line::arriving);
  }

  /// A waiter goes without its permits, even if they were granted at the last moment.
  void leave(const std::shared_ptr<Waiter>& waiter, Line line) {
    const std::scoped_lock lock(mutex_);
    if (waiter->granted) {
      in_use_ -= waiter->count;
    } else {
      std::erase(queue_of(line), waiter);
    }
    serve_all();
  }

  void give_back(std::size_t count) {
    const std::scoped_lock lock(mutex_);
    in_use_ -= count;
    serve_all();
  }

  void set_capacity(std::size_t capacity) {
    const std::scoped_lock lock(mutex_);
    capacity_ = capacity;
    serve_all();
  }

  std::size_t capacity() const {
    const std::scoped_lock lock(mutex_);
    return capacity_;
  }

  std::size_t in_use() const {
    const std::scoped_lock lock(mutex_);
    return in_use_;
  }

  std::size_t peak() const {
    const std::scoped_lock lock(mutex_);
    return peak_;
  }

 private:
  using Queue = std::deque<std::shared_ptr<Waiter>>;

  /// Takes the permits if they are free and nobody else's turn comes first.
  bool take_in_turn(std::size_t count, Line line) {
    const bool first = queue_of(line).empty() && (line == Line::growing || growth_reserve_ == 0 || growing_.empty());
    return first && try_take(count, line);
  }

  Queue& queue_of(Line line) { return line == Line::growing ? growing_ : arriving_; }

  void serve_all() {
    serve(Line::growing);
    if (growing_.empty()) serve(Line::arriving);
  }

  void serve(Line line) {
    auto& queue = queue_of(line);
    while (!queue.empty() && try_take(queue.front()->count, line)) {
      queue.front()->granted = true;
      Wakeup::post_notify(queue.front()->wakeup);
      queue.pop_front();
    }
  }

  bool try_take(std::size_t count, Line line) {
    const auto kept_free = line == Line::growing ? 0 : growth_reserve_;
    if (in_use_ + count + kept_free > capacity_) return false;
    in_use_ += count;
    peak_ = std::max(peak_, in_use_);
    return true;
  }

  const std::size_t growth_reserve_;

  mutable std::mutex mutex_;
  std::size_t capacity_;
  std::size_t in_use_ = 0;
  std::size_t peak_ = 0;
  Queue growing_;
  Queue arriving_;
};

Semaphore::Permit::Permit(Permit&& other) noexcept
    : state_(std::move(other.state_)), count_(std::exchange(other.count_, 0)) {}

Semaphore::Permit& Semaphore::Permit::operator=(Permit&& other) noexcept {
  if (this != &other) {
    shrink_to(0);
    state_ = std::move(other.state_);
    count_ = std::exchange(other.count_, 0);
  }
  return *this;
}

void Semaphore::Permit::shrink_to(std::size_t count) {
  if (count >= count_) return;
  state_->give_back(count_ - count);
  count_ = count;
}

Semaphore::Semaphore(std::size_t capacity, std::size_t growth_reserve)
    : state_(std::make_shared<State>(capacity, growth_reserve)) {}

Task<Semaphore::Permit> Semaphore::acquire(std::size_t count, SteadyTime deadline) {
  auto state = state_;
  co_await take(count, Line::arriving, deadline);
  co_return Permit(std::move(state), count);
}

std::optional<Semaphore::Permit> Semaphore::try_acquire(std::size_t count) {
  if (!state_->take_if_free(count)) return std::nullopt;
  return Permit(state_, count);
}

Task<void> Semaphore::grow(Permit& permit, std::size_t count, SteadyTime deadline) {
  if (count <= permit.count_) co_return;
  co_await take(count - permit.count_, Line::growing, deadline);
  permit.count_ = count;
}

Task<void> Semaphore::take(std::size_t count, Line line, SteadyTime deadline) {
  // Left whichever way the wait ends, also when the coroutine is destroyed together with its event loop.
  struct PlaceInLine {
    std::shared_ptr<State> state;
    std::shared_ptr<State::Waiter> waiter;
    Line line;
    bool served = false;
    ~PlaceInLine() {
      if (waiter && !served) state->leave(waiter, line);
    }
  };
  const auto executor = co_await boost::asio::this_coro::executor;
  PlaceInLine place{state_, state_->take_or_wait(count, line, executor), line};
  if (!place.waiter) co_return;
  place.served = co_await place.waiter->wakeup->wait(deadline);
  if (!place.served) throw Failure(FailureKind::timeout, "the deadline came while waiting in line");
}

void Semaphore::set_capacity(std::size_t capacity) {
  state_->set_capacity(capacity);
}

std::size_t Semaphore::capacity() const {
  return state_->capacity();
}

std::size_t Semaphore::in_use() const {
  return state_->in_use();
}

std::size_t Semaphore::peak() const {
  return state_->peak();
}

}  // namespace creel

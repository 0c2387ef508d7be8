#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <utility>

#include "base/clock.h"
#include "base/task.h"

namespace creel {

/// Counts out permits to coroutines on any number of event loops; who finds none waits, in order of arrival.
/// Cancelling a waiting coroutine, or destroying it, takes it out of the queue.
/// Threads: any; a waiter goes on where it waited.
class Semaphore {
  class State;

 public:
  /// Permits held; gives them back when destroyed. It may outlive the semaphore, and so may a waiter that is only
  /// destroyed.
  class Permit {
   public:
    Permit() = default;
    ~Permit() { shrink_to(0); }
    Permit(Permit&& other) noexcept;
    Permit& operator=(Permit&& other) noexcept;

    std::size_t count() const { return count_; }

    /// Gives back all but `count`; no more than there are.
    void shrink_to(std::size_t count);

   private:
    friend class Semaphore;
    Permit(std::shared_ptr<State> state, std::size_t count) : state_(std::move(state)), count_(count) {}

    std::shared_ptr<State> state_;
    std::size_t count_ = 0;
  };

  /// @param growth_reserve  permits that only `grow` may use
  explicit Semaphore(std::size_t capacity, std::size_t growth_reserve = 0);

  /// Waits until `count` permits are free. `count` must be one that can become free:
  /// at most capacity less growth reserve.
  /// @throws Failure timeout  at the deadline
  Task<Permit> acquire(std::size_t count = 1, SteadyTime deadline = SteadyTime::max());

  /// The permits if they are free and nobody waits for any, else nothing.
  std::optional<Permit> try_acquire(std::size_t count = 1);

  /// Waits until `permit` covers `count` in all. Served before `acquire`, and out of the growth reserve too.
  /// @throws Failure timeout  at the deadline
  Task<void> grow(Permit& permit, std::size_t count, SteadyTime deadline = SteadyTime::max());

  /// Sets how many permits there are; those given out above a lowered capacity come back in their own time.
  void set_capacity(std::size_t capacity);

  std::size_t capacity() const;
  std::size_t in_use() const;
  std::size_t peak() const;

 private:
  enum class Line : bool { arriving, growing };

  Task<void> take(std::size_t count, Line line, SteadyTime deadline);

  std::shared_ptr<State> state_;
};

}  // namespace creel

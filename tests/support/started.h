#pragma once

#include <exception>
#include <memory>
#include <optional>
#include <variant>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "base/failure.h"
#include "base/task.h"

namespace creel::testing {

/// A coroutine that was started on a loop and goes on whenever the loop runs. Threads: the loop's.
template <class T>
class Started {
  using Value = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

 public:
  Started(boost::asio::io_context& loop, Task<T> task) : state_(std::make_shared<State>()) {
    boost::asio::co_spawn(loop, keep(std::move(task)),
                          boost::asio::bind_cancellation_slot(
                              state_->cancel.slot(), [state = state_](std::exception_ptr failure, Value value) {
                                state->failure = failure;
                                if (!failure) state->value.emplace(std::move(value));
                              }));
  }

  bool done() const { return state_->value || state_->failure; }
  bool succeeded() const { return state_->value.has_value(); }

  /// Asks the coroutine to end.
  void cancel() { state_->cancel.emit(boost::asio::cancellation_type::terminal); }

  /// What it returned; throws what it threw.
  Value& value() {
    if (state_->failure) std::rethrow_exception(state_->failure);
    return state_->value.value();
  }

  /// The kind of the failure that ended it, or nothing.
  std::optional<FailureKind> failure_kind() const {
    try {
      if (state_->failure) std::rethrow_exception(state_->failure);
    } catch (const Failure& failure) {
      return failure.kind();
    } catch (const std::exception&) {
      return std::nullopt;
    }
    return std::nullopt;
  }

 private:
  struct State {
    boost::asio::cancellation_signal cancel;
    std::exception_ptr failure;
    std::optional<Value> value;
  };

  static Task<Value> keep(Task<T> task) {
    if constexpr (std::is_void_v<T>) {
      co_await std::move(task);
      co_return std::monostate();
    } else {
      co_return co_await std::move(task);
    }
  }

  std::shared_ptr<State> state_;
};

}  // namespace creel::testing

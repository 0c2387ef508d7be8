#include "cli/event_watch.h"

#include <utility>

#include "base/failure.h"

namespace creel {

EventWatch::EventWatch(ApiTarget target, const aws::Environment& environment, const Clock& clock)
    : thread_([this, target = std::move(target), &environment, &clock] { follow(target, environment, clock); }) {}

EventWatch::~EventWatch() {
  thread_.join();
}

void EventWatch::follow(const ApiTarget& target, const aws::Environment& environment, const Clock& clock) {
  try {
    ApiClient client(target, environment, clock);
    client.download("/events", [this](std::string_view) {
      const std::lock_guard lock(mutex_);
      has_happened_ = true;
      changed_.notify_one();
    });
  } catch (const Failure&) {
    // As good as its end: whoever waits asks for himself what is the matter.
  }
  const std::lock_guard lock(mutex_);
  has_ended_ = true;
  changed_.notify_one();
}

bool EventWatch::wait(std::chrono::milliseconds longest) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, longest, [this] { return has_happened_ || has_ended_; });
  has_happened_ = false;
  return !has_ended_;
}

bool EventWatch::ends_within(std::chrono::milliseconds longest) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, longest, [this] { return has_ended_; });
}

}  // namespace creel

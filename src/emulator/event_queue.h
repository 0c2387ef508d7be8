#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/log.h"
#include "emulator/invoker.h"

namespace creel::emulator {

struct EventQueueOptions {
  /// Before the first retry after a function's error; twice that before the second.
  std::chrono::milliseconds retry_delay{60'000};
  /// Where events go that nobody could process, one JSON object a line; empty for nowhere.
  std::filesystem::path dead_letter_file{};
};

/// How one try of an event went.
enum class EventOutcome : std::uint8_t { success, function_error, throttled };

/// What is known of an event between its tries.
struct EventProgress {
  int function_errors = 0;
  int throttles = 0;
  SystemTime received{};
};

struct EventLimits {
  int max_retries = 2;
  std::chrono::milliseconds max_age = std::chrono::hours(6);
  std::chrono::milliseconds retry_delay{60'000};
};

/// What becomes of it: done, another try after `wait`, or given up for `condition`.
struct EventDecision {
  bool is_done = false;
  std::optional<std::chrono::milliseconds> wait{};
  std::string_view condition{};
};

/// Decides after a try, which `progress` does not count yet.
EventDecision decide(const EventProgress& progress, EventOutcome outcome, const EventLimits& limits, SystemTime now);

/// Invokes functions for callers who do not wait, and tries again when they fail. Threads: the emulator's event loop.
class EventQueue {
 public:
  EventQueue(boost::asio::any_io_executor executor, Invoker& invoker, const Clock& clock, Log log,
             EventQueueOptions options);

  void add(InvocationOrder order);

  /// Events that are not done.
  std::size_t size() const { return size_; }

  /// Drops those that wait for another try, and takes no more tries.
  void close();

  /// Waits for those that run, after `close`.
  Task<void> stop();

 private:
  struct Event;

  Task<void> process(std::shared_ptr<Event> event);
  Task<EventOutcome> try_once(Event& event);
  Task<bool> pause(std::chrono::milliseconds wait);
  EventLimits limits_of(const Event& event) const;
  void give_up(const Event& event, std::string_view condition);

  boost::asio::any_io_executor executor_;
  Invoker& invoker_;
  const Clock& clock_;
  Log log_;
  EventQueueOptions options_;
  std::size_t size_ = 0;
  bool is_stopping_ = false;
  std::set<std::shared_ptr<Wakeup>> pauses_;
  std::shared_ptr<Wakeup> empty_;
};

}  // namespace creel::emulator

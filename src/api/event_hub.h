#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "base/clock.h"
#include "base/task.h"

namespace creel {

class HttpBodyWriter;

enum class EventType : std::uint8_t {
  image_stored,
  image_failed,
  source_changed,
  source_deleted,
  poll_ended,
  counters,
  /// Events were lost to this client: what it shows is to be loaded anew.
  missed,
};

/// "image_stored".
std::string_view to_string(EventType type);
/// Every type, in order.
std::span<const EventType> all_event_types();
std::optional<EventType> event_type(std::string_view name);

struct EventHubOptions {
  /// What is kept for those that come back with a Last-Event-ID, and how far a client may be behind before it is dropped.
  std::size_t max_events = 4096;
  std::size_t max_bytes = std::size_t{8} << 20;
  /// A comment is sent to a client that has heard nothing for so long.
  std::chrono::milliseconds keep_alive{15'000};
  /// Events go out together in steps of so long.
  std::chrono::milliseconds pace{25};
  /// How long after the last client has gone events are still worth making, since it may come back.
  std::chrono::seconds memory{60};
  /// Told to clients when the server stops: when to come back.
  std::chrono::milliseconds retry{2'000};
  std::size_t max_clients = 1000;
};

/// Gives events to any number of clients. All share one ring of the last events: a client that falls out of it is cut,
/// and nobody ever waits for one. Threads: `publish` and the counts on any, all else on the API's loop, on which it is
/// destroyed or after which.
class EventHub {
 public:
  EventHub(boost::asio::any_io_executor executor, const Clock& clock, EventHubOptions options = {});
  ~EventHub();
  EventHub(const EventHub&) = delete;
  EventHub& operator=(const EventHub&) = delete;

  /// @param json  one line
  void publish(EventType type, std::string_view json);

  /// True if somebody listens, or did a moment ago: else making an event's text is a waste.
  bool is_wanted() const;
  /// Clients that listen now.
  std::size_t clients() const;
  /// Clients that were cut since they were too slow.
  std::uint64_t dropped() const;

  /// True if there is room for one more client.
  bool has_room() const;

  struct Listening {
    /// Types to send; all if empty.
    std::vector<EventType> types;
    /// The id after which to go on; empty for what is new from now on.
    std::string last_id;
    /// When the stream ends, since the caller's token does.
    std::optional<SystemTime> until;
  };
  /// Writes events to a client until it goes, is dropped or the hub stops.
  Task<void> stream(Listening listening, HttpBodyWriter& writer);

  /// Ends all streams, with a `retry:`; later ones end at once.
  void stop();

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace creel

#include "api/event_hub.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <deque>
#include <list>
#include <mutex>
#include <stdexcept>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <fmt/format.h>

#include "base/failure.h"
#include "base/wakeup.h"
#include "net/http_server.h"

namespace creel {
namespace asio = boost::asio;
namespace {

/// What goes out in one write.
constexpr std::size_t kWriteBytes = std::size_t{64} * 1024;

constexpr std::array kTypes{EventType::image_stored,   EventType::image_failed, EventType::source_changed,
                            EventType::source_deleted, EventType::poll_ended,   EventType::counters,
                            EventType::missed};

std::uint32_t bit_of(EventType type) {
  return std::uint32_t{1} << static_cast<unsigned>(type);
}

std::uint32_t mask_of(const std::vector<EventType>& types) {
  if (types.empty()) return ~std::uint32_t{0};
  std::uint32_t mask = bit_of(EventType::missed);
  for (const auto type : types) mask |= bit_of(type);
  return mask;
}

std::int64_t ticks(SteadyTime time) {
  return time.time_since_epoch().count();
}

}  // namespace

std::string_view to_string(EventType type) {
  switch (type) {
    case EventType::image_stored: return "image_stored";
    case EventType::image_failed: return "image_failed";
    case EventType::source_changed: return "source_changed";
    case EventType::source_deleted: return "source_deleted";
    case EventType::poll_ended: return "poll_ended";
    case EventType::counters: return "counters";
    case EventType::missed: return "missed";
  }
  throw std::logic_error("a type of event that is none");
}

std::span<const EventType> all_event_types() {
  return kTypes;
}

std::optional<EventType> event_type(std::string_view name) {
  for (const auto type : kTypes) {
    if (to_string(type) == name) return type;
  }
  return std::nullopt;
}

class EventHub::State : public std::enable_shared_from_this<EventHub::State> {
 public:
  State(asio::any_io_executor executor, const Clock& clock, EventHubOptions options)
      : executor_(std::move(executor)),
        clock_(clock),
        options_(options),
        // Ids of another life of the program are told apart by it.
        life_(fmt::format("{:x}", clock.now().time_since_epoch().count())),
        last_left_(ticks(clock.steady_now() - options.memory)),
        pacer_(executor_) {}

  void publish(EventType type, std::string_view json);
  bool is_wanted() const {
    return client_count_ > 0 ||
           ticks(clock_.steady_now()) - last_left_ < std::chrono::nanoseconds(options_.memory).count();
  }
  std::size_t clients() const { return client_count_; }
  std::uint64_t dropped() const { return dropped_; }
  bool has_room() const { return client_count_ < options_.max_clients; }
  static Task<void> stream(std::shared_ptr<State> self, Listening listening, HttpBodyWriter& writer);
  void stop();

 private:
  struct Event {
    std::uint32_t bit;
    std::string text;
  };
  /// One that listens; known to the state as long as its stream runs.
  struct Client {
    Client(State& hub, HttpBodyWriter& out, std::uint32_t wanted);
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    State& state;
    HttpBodyWriter& writer;
    std::uint32_t mask;
    /// The number of the next event that it has not been given.
    std::uint64_t next = 0;
    bool is_writing = false;
    std::shared_ptr<Wakeup> wakeup;
    std::list<Client*>::iterator place;
  };

  static Task<void> send(Client& client, std::string text);
  std::string text_of(std::uint64_t number, EventType type, std::string_view json) const;
  std::string begin(Client& client, const std::string& last_id);
  std::string take(Client& client);
  void request_pump();
  void pump();

  asio::any_io_executor executor_;
  const Clock& clock_;
  const EventHubOptions options_;
  const std::string life_;
  std::atomic<std::size_t> client_count_ = 0;
  std::atomic<std::uint64_t> dropped_ = 0;
  std::atomic<std::int64_t> last_left_;

  mutable std::mutex mutex_;
  // Guarded by the mutex.
  std::deque<Event> ring_;
  std::size_t ring_bytes_ = 0;
  /// The number of the next event; the ring holds those just before it.
  std::uint64_t next_ = 1;
  bool pump_requested_ = false;

  // The API's loop.
  std::list<Client*> clients_;
  asio::steady_timer pacer_;
  bool is_pacing_ = false;
  bool pump_waits_ = false;
  bool stopping_ = false;
};

EventHub::State::Client::Client(State& hub, HttpBodyWriter& out, std::uint32_t wanted)
    : state(hub), writer(out), mask(wanted), wakeup(std::make_shared<Wakeup>(hub.executor_)) {
  place = state.clients_.insert(state.clients_.end(), this);
  ++state.client_count_;
}

EventHub::State::Client::~Client() {
  state.clients_.erase(place);
  state.last_left_ = ticks(state.clock_.steady_now());
  --state.client_count_;
}

std::string EventHub::State::text_of(std::uint64_t number, EventType type, std::string_view json) const {
  return fmt::format("id: {}-{}\nevent: {}\ndata: {}\n\n", life_, number, to_string(type), json);
}

void EventHub::State::publish(EventType type, std::string_view json) {
  const bool wanted = is_wanted();
  bool ask = false;
  {
    const std::lock_guard lock(mutex_);
    const auto number = next_++;
    if (!wanted) {
      ring_.clear();
      ring_bytes_ = 0;
      return;
    }
    ring_.push_back({bit_of(type), text_of(number, type, json)});
    ring_bytes_ += ring_.back().text.size();
    while (ring_.size() > options_.max_events || (ring_bytes_ > options_.max_bytes && ring_.size() > 1)) {
      ring_bytes_ -= ring_.front().text.size();
      ring_.pop_front();
    }
    ask = client_count_ > 0 && !std::exchange(pump_requested_, true);
  }
  if (ask) request_pump();
}

void EventHub::State::request_pump() {
  asio::post(executor_, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->pump();
  });
}

/// Tells the clients that there is something new, and cuts those that are too far behind.
void EventHub::State::pump() {
  if (is_pacing_) {
    pump_waits_ = true;
    return;
  }
  std::uint64_t oldest = 0;
  {
    const std::lock_guard lock(mutex_);
    pump_requested_ = false;
    oldest = next_ - ring_.size();
  }
  for (auto* client : clients_) {
    if (client->is_writing && client->next < oldest) {
      ++dropped_;
      client->writer.cut();
    }
    client->wakeup->notify();
  }
  if (options_.pace.count() == 0) return;
  is_pacing_ = true;
  pacer_.expires_after(options_.pace);
  pacer_.async_wait([weak = weak_from_this()](const boost::system::error_code&) {
    const auto self = weak.lock();
    if (!self) return;
    self->is_pacing_ = false;
    if (std::exchange(self->pump_waits_, false)) self->pump();
  });
}

/// Puts a client at its place in the row of events; what it is to be told first.
std::string EventHub::State::begin(Client& client, const std::string& last_id) {
  const std::lock_guard lock(mutex_);
  client.next = next_;
  std::string text = fmt::format("retry: {}\n\n", options_.retry.count());
  if (last_id.empty()) return text;
  const auto prefix = life_ + "-";
  std::uint64_t last = 0;
  const auto* end = last_id.data() + last_id.size();
  if (last_id.starts_with(prefix)) {
    const auto [stop, error] = std::from_chars(last_id.data() + prefix.size(), end, last);
    if (error != std::errc() || stop != end) last = 0;
  }
  if (last > 0 && last < next_ && last + 1 >= next_ - ring_.size()) {
    client.next = last + 1;
  } else {
    text += text_of(next_ - 1, EventType::missed, "{}");
  }
  return text;
}

/// The next events for a client as text, as many as go into one write; empty if there is nothing new for it.
std::string EventHub::State::take(Client& client) {
  const std::lock_guard lock(mutex_);
  std::string text;
  const auto oldest = next_ - ring_.size();
  if (client.next < oldest) {
    client.next = oldest;
    text = text_of(oldest - 1, EventType::missed, "{}");
  }
  while (client.next < next_ && text.size() < kWriteBytes) {
    const auto& event = ring_[client.next - oldest];
    if ((event.bit & client.mask) != 0) text += event.text;
    ++client.next;
  }
  return text;
}

Task<void> EventHub::State::send(Client& client, std::string text) {
  client.is_writing = true;
  co_await client.writer.write(text);
  client.is_writing = false;
}

Task<void> EventHub::State::stream(std::shared_ptr<State> self, Listening listening, HttpBodyWriter& writer) {
  if (!self->is_wanted()) {
    // Since nobody listened, events may not have been made at all.
    const std::lock_guard lock(self->mutex_);
    ++self->next_;
    self->ring_.clear();
    self->ring_bytes_ = 0;
  }
  Client client(*self, writer, mask_of(listening.types));
  co_await send(client, self->begin(client, listening.last_id));
  while (!self->stopping_ && !(listening.until && self->clock_.now() >= *listening.until)) {
    auto text = self->take(client);
    if (!text.empty()) {
      co_await send(client, std::move(text));
      continue;
    }
    const bool is_told = co_await client.wakeup->wait(std::chrono::steady_clock::now() + self->options_.keep_alive);
    // A client that has gone is found out by it too, and a token that has expired.
    if (!is_told) co_await send(client, ": still there\n\n");
  }
  co_await send(client, fmt::format("retry: {}\n\n", self->options_.retry.count()));
}

void EventHub::State::stop() {
  stopping_ = true;
  for (auto* client : clients_) client->wakeup->notify();
}

EventHub::EventHub(asio::any_io_executor executor, const Clock& clock, EventHubOptions options)
    : state_(std::make_shared<State>(std::move(executor), clock, options)) {}

EventHub::~EventHub() = default;

void EventHub::publish(EventType type, std::string_view json) {
  state_->publish(type, json);
}

bool EventHub::is_wanted() const {
  return state_->is_wanted();
}

std::size_t EventHub::clients() const {
  return state_->clients();
}

std::uint64_t EventHub::dropped() const {
  return state_->dropped();
}

bool EventHub::has_room() const {
  return state_->has_room();
}

Task<void> EventHub::stream(Listening listening, HttpBodyWriter& writer) {
  return State::stream(state_, std::move(listening), writer);
}

void EventHub::stop() {
  state_->stop();
}

}  // namespace creel

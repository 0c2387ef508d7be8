#include "api/event_publisher.h"

#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include "api/counts_cache.h"
#include "api/event_hub.h"
#include "api/image_json.h"
#include "api/metrics.h"
#include "api/recent_rates.h"
#include "api/source_json.h"
#include "catalog/catalog_service.h"

namespace creel {
namespace asio = boost::asio;
namespace {

/// Events that wait to be made. More come only while the catalog is slower than the ingest: then clients are told that
/// they missed some.
constexpr std::size_t kMaxWaiting = 4000;
/// Images that are looked up in one go on a reader's thread.
constexpr std::size_t kBatch = 200;

/// An event whose text is still to be made.
struct ImageEvent {
  EventType type;
  ImageRow row{};
};
struct TextEvent {
  EventType type;
  std::string json;
};
using Waiting = std::variant<ImageEvent, SourceRecord, TextEvent>;

/// The texts of images, in their order; empty for those that are gone.
std::vector<std::string> look_up(Repositories& catalog, std::span<const ImageRow> rows) {
  std::vector<std::string> texts;
  texts.reserve(rows.size());
  for (const auto row : rows) {
    const auto image = catalog.library.find(row);
    texts.push_back(image ? image_json(*image) : std::string());
  }
  return texts;
}

}  // namespace

class EventPublisher::State : public std::enable_shared_from_this<EventPublisher::State> {
 public:
  explicit State(EventPublisherParts parts) : parts_(std::move(parts)) {}

  void add(Waiting event);
  const EventPublisherParts& parts() const { return parts_; }

 private:
  static Task<void> work(std::shared_ptr<State> self);
  std::vector<Waiting> take();
  Task<void> publish_all(std::vector<Waiting> events);
  Task<std::vector<std::string>> image_texts(const std::vector<Waiting>& events);

  EventPublisherParts parts_;
  std::mutex mutex_;
  // Guarded by the mutex.
  std::vector<Waiting> waiting_;
  bool is_working_ = false;
  bool has_missed_ = false;
};

void EventPublisher::State::add(Waiting event) {
  if (!parts_.events.is_wanted()) return;
  bool begin = false;
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() >= kMaxWaiting) {
      has_missed_ = true;
      return;
    }
    waiting_.push_back(std::move(event));
    begin = !std::exchange(is_working_, true);
  }
  if (!begin) return;
  asio::post(parts_.executor,
             [self = shared_from_this()] { asio::co_spawn(self->parts_.executor, work(self), must_not_fail); });
}

/// The next events to make; empty, and the work is over, when there are none.
std::vector<Waiting> EventPublisher::State::take() {
  const std::lock_guard lock(mutex_);
  std::vector<Waiting> events;
  if (waiting_.size() <= kBatch) {
    events = std::exchange(waiting_, {});
  } else {
    const auto end = waiting_.begin() + kBatch;
    events.assign(std::make_move_iterator(waiting_.begin()), std::make_move_iterator(end));
    waiting_.erase(waiting_.begin(), end);
  }
  if (std::exchange(has_missed_, false)) events.emplace_back(TextEvent{EventType::missed, "{}"});
  if (events.empty()) is_working_ = false;
  return events;
}

Task<void> EventPublisher::State::work(std::shared_ptr<State> self) {
  for (auto events = self->take(); !events.empty(); events = self->take()) {
    bool has_failed = false;
    try {
      co_await self->publish_all(std::move(events));
    } catch (const std::exception& error) {
      self->parts_.log->debug("events could not be made: {}", error.what());
      has_failed = true;
    }
    if (has_failed) self->parts_.events.publish(EventType::missed, "{}");
  }
}

Task<std::vector<std::string>> EventPublisher::State::image_texts(const std::vector<Waiting>& events) {
  std::vector<ImageRow> rows;
  for (const auto& event : events) {
    if (const auto* image = std::get_if<ImageEvent>(&event)) rows.push_back(image->row);
  }
  if (rows.empty()) co_return std::vector<std::string>();
  co_return co_await parts_.catalog.read([rows](Repositories& catalog) { return look_up(catalog, rows); });
}

Task<void> EventPublisher::State::publish_all(std::vector<Waiting> events) {
  const auto texts = co_await image_texts(events);
  auto text = texts.begin();
  for (const auto& event : events) {
    if (const auto* image = std::get_if<ImageEvent>(&event)) {
      if (!text->empty()) parts_.events.publish(image->type, *text);
      ++text;
    } else if (const auto* source = std::get_if<SourceRecord>(&event)) {
      const auto counts = co_await parts_.counts.get();
      parts_.events.publish(EventType::source_changed, source_json(*source, parts_.kinds, counts->of(source->id)));
    } else {
      const auto& other = std::get<TextEvent>(event);
      parts_.events.publish(other.type, other.json);
    }
  }
}

EventPublisher::EventPublisher(EventPublisherParts parts) : state_(std::make_shared<State>(std::move(parts))) {}

EventPublisher::~EventPublisher() = default;

void EventPublisher::on_source(const SourceRecord& source) {
  state_->add(source);
}

void EventPublisher::on_source_deleted(SourceId id) {
  state_->add(TextEvent{EventType::source_deleted, fmt::format(R"({{"id":{}}})", static_cast<std::int64_t>(id))});
}

void EventPublisher::on_poll_ended(SourceId id, const PollRecord& poll) {
  const auto& parts = state_->parts();
  const auto ended = poll.ended_at.value_or(parts.clock.now());
  parts.metrics.on_poll(poll.failure ? std::optional(poll.failure->kind) : std::nullopt, ended - poll.started_at);
  if (!parts.events.is_wanted()) return;
  auto json = fmt::format(R"({{"source_id":{},"poll":)", static_cast<std::int64_t>(id));
  append_poll_json(json, poll);
  json += '}';
  state_->add(TextEvent{EventType::poll_ended, std::move(json)});
}

void EventPublisher::on_images_added(std::size_t count) {
  const auto& told = state_->parts().on_images_added;
  if (told) told(count);
}

void EventPublisher::on_image(const ImageReport& report) {
  const auto& parts = state_->parts();
  auto& metrics = parts.metrics;
  if (report.status == ImageStatus::failed) {
    metrics.on_image_failed(report.failure ? report.failure->kind : FailureKind::internal);
    parts.rates.add_failed(parts.clock.now());
  } else if (report.status == ImageStatus::already) {
    metrics.on_image_already();
  } else {
    const auto bytes = report.stored ? report.stored->size_bytes : 0;
    metrics.on_image_stored(bytes);
    parts.rates.add_stored(bytes, parts.clock.now());
  }
  if (report.queue_time) metrics.on_phase(Phase::queue, *report.queue_time);
  if (report.fetch_time) metrics.on_phase(Phase::fetch, *report.fetch_time);
  if (report.store_time) metrics.on_phase(Phase::store, *report.store_time);
  const auto told = [&](Phase phase, std::chrono::duration<double> took) {
    if (took.count() > 0) metrics.on_phase(phase, took);
  };
  if (!report.fetch_time && !report.store_time) told(Phase::transfer, report.took);
  told(Phase::record, report.record_time);
  const bool is_failed = report.status == ImageStatus::failed;
  state_->add(ImageEvent{.type = is_failed ? EventType::image_failed : EventType::image_stored, .row = report.row});
}

}  // namespace creel

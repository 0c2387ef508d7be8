#include "api/event_routes.h"

#include <chrono>

#include <boost/asio/co_spawn.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "api/counts_cache.h"
#include "api/event_hub.h"
#include "api/image_json.h"
#include "api/metrics.h"
#include "api/problem.h"
#include "api/router.h"
#include "base/wakeup.h"

namespace creel {
namespace asio = boost::asio;
namespace json = boost::json;
namespace {

using namespace std::chrono_literals;

constexpr auto kCountersInterval = 1s;

constexpr std::string_view kHelp =
    "Server-sent events. Each has an id, a type and JSON: `image_stored` and `image_failed` carry the image, "
    "`source_changed` the source, `source_deleted` its `id`, `poll_ended` `source_id` and `poll`, `counters` (once a "
    "second) "
    "the images by state, those that failed by kind, what is in flight, memory and rates. `missed` means that events "
    "were lost: load anew what is "
    "shown. Who comes back with `Last-Event-ID` goes on where it was. A client that does not keep up is cut, and may "
    "come "
    "back.";

std::vector<std::string> type_names() {
  std::vector<std::string> names;
  for (const auto type : all_event_types()) names.emplace_back(to_string(type));
  return names;
}

/// A moment's totals, for rates.
struct Reading {
  Metrics::Totals totals;
  SteadyTime at;
};

double rate(std::uint64_t before, std::uint64_t after, SteadyTime::duration between) {
  const auto seconds = std::chrono::duration<double>(between).count();
  return seconds <= 0 ? 0 : static_cast<double>(after - before) / seconds;
}

json::object images_by_state(const Counts& counts) {
  json::object images;
  for (std::size_t state = 0; state < counts.all.size(); ++state) {
    images[to_string(static_cast<ImageState>(state))] = counts.all.at(state);
  }
  return images;
}

json::object failed_by_kind(const Counts& counts) {
  json::object kinds;
  for (const auto& [kind, images] : counts.by_failure_kind) kinds[to_string(kind)] = images;
  return kinds;
}

std::string counters_json(const Counts& counts, const IngestStats& ingest, const Reading& before, const Reading& now) {
  const auto between = now.at - before.at;
  return json::serialize(json::object{{"images", images_by_state(counts)},
                                      {"bytes", counts.stored_bytes},
                                      {"failed_by_kind", failed_by_kind(counts)},
                                      {"in_flight", ingest.in_flight},
                                      {"budget_used_bytes", ingest.budget_used_bytes},
                                      {"budget_capacity_bytes", ingest.budget_capacity_bytes},
                                      {"stored_per_second", rate(before.totals.stored, now.totals.stored, between)},
                                      {"failed_per_second", rate(before.totals.failed, now.totals.failed, between)},
                                      {"bytes_per_second", rate(before.totals.bytes, now.totals.bytes, between)}});
}

}  // namespace

class EventRoutes::Impl : public std::enable_shared_from_this<EventRoutes::Impl> {
 public:
  explicit Impl(ApiParts parts) : parts_(std::move(parts)), tick_(std::make_shared<Wakeup>(parts_.executor)) {}

  static Task<HttpReply> listen(std::shared_ptr<Impl> self, ApiCall call);
  static Task<void> tell_counters(std::shared_ptr<Impl> self);

  void stop() {
    stopping_ = true;
    parts_.events.stop();
    tick_->notify();
  }

 private:
  void begin_counters();
  Reading read() const { return {.totals = parts_.metrics.totals(), .at = parts_.clock.steady_now()}; }
  Task<void> tell_once(Reading before, Reading now);

  ApiParts parts_;
  std::shared_ptr<Wakeup> tick_;
  bool is_telling_ = false;
  bool stopping_ = false;
};

Task<HttpReply> EventRoutes::Impl::listen(std::shared_ptr<Impl> self, ApiCall call) {
  auto& events = self->parts_.events;
  if (!events.has_room()) {
    throw Problem(ProblemKind::unavailable, "too many clients listen to events already").with("Retry-After", "30");
  }
  EventHub::Listening listening;
  for (const auto& name : call.query().choices("types")) listening.types.push_back(event_type(name).value());
  listening.last_id = call.http().header("Last-Event-ID");
  if (listening.last_id.empty()) listening.last_id = call.query().text("last_event_id").value_or("");
  listening.until = call.caller().expires_at;
  HttpReply reply{.headers = {{"Content-Type", "text/event-stream"},
                              {"Cache-Control", "no-store"},
                              // nginx would hold events back until its buffer is full.
                              {"X-Accel-Buffering", "no"}}};
  reply.stream = [self, listening](HttpBodyWriter& writer) {
    self->begin_counters();
    return self->parts_.events.stream(listening, writer);
  };
  co_return reply;
}

void EventRoutes::Impl::begin_counters() {
  if (std::exchange(is_telling_, true)) return;
  asio::co_spawn(parts_.executor, tell_counters(shared_from_this()), must_not_fail);
}

Task<void> EventRoutes::Impl::tell_counters(std::shared_ptr<Impl> self) {
  auto before = self->read();
  do {
    co_await self->tick_->wait(std::chrono::steady_clock::now() + kCountersInterval);
    const auto now = self->read();
    co_await self->tell_once(before, now);
    before = now;
  } while (!self->stopping_ && self->parts_.events.clients() > 0);
  self->is_telling_ = false;
}

Task<void> EventRoutes::Impl::tell_once(Reading before, Reading now) {
  if (stopping_) co_return;
  try {
    const auto counts = co_await parts_.counts.get();
    parts_.events.publish(EventType::counters, counters_json(*counts, parts_.ingest_stats(), before, now));
  } catch (const std::exception& error) {
    // They come again when the database does.
    parts_.log->debug("no counters for events: {}", error.what());
  }
}

EventRoutes::EventRoutes(ApiParts parts) : impl_(std::make_shared<Impl>(std::move(parts))) {}

EventRoutes::~EventRoutes() = default;

void EventRoutes::add_to(Router& router) {
  router.add({.method = "GET",
              .path = "/events",
              .scope = Scope::read,
              .name = "listen_to_events",
              .tag = "events",
              .summary = "Hear what happens, as it happens",
              .help = std::string(kHelp),
              .query = {{.name = "types",
                         .type = ParameterType::list_of,
                         .help = "the types of events to send; all if it is not given",
                         .choices = type_names()},
                        {.name = "last_event_id",
                         .help = "as the header Last-Event-ID, for clients that cannot set it",
                         .max_length = 200}},
              .answers = {{.status = 200,
                           .help = "The stream. It ends when the server stops or the token expires.",
                           .schema = R"({"type":"string"})",
                           .media_type = "text/event-stream"}},
              .handler = [impl = impl_](ApiCall call) { return Impl::listen(impl, std::move(call)); }});
}

void EventRoutes::stop() {
  impl_->stop();
}

}  // namespace creel

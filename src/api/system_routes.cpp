#include "api/system_routes.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "api/counts_cache.h"
#include "api/event_hub.h"
#include "api/json_body.h"
#include "api/metrics.h"
#include "api/router.h"
#include "api/run_on.h"
#include "base/wakeup.h"
#include "catalog/catalog_service.h"
#include "sources/scheduler.h"

namespace creel {
namespace asio = boost::asio;
namespace json = boost::json;
namespace {

using namespace std::chrono_literals;

/// How long an answer of the database is good for: whoever asks without a token must not keep it busy.
constexpr auto kHealthAge = 1s;
constexpr auto kHealthPatience = 3s;

/// Whether the database answers. Threads: the API's loop.
class DatabaseHealth : public std::enable_shared_from_this<DatabaseHealth> {
 public:
  explicit DatabaseHealth(const ApiParts& parts) : parts_(parts) {}

  /// Waits for an answer of the database, but not for long.
  static Task<bool> check(std::shared_ptr<DatabaseHealth> self) {
    const auto& clock = self->parts_.clock;
    if (self->checked_at_ && clock.steady_now() - *self->checked_at_ < kHealthAge) co_return self->is_well_;
    if (!self->is_asking_) {
      self->is_asking_ = true;
      asio::co_spawn(self->parts_.executor, ask(self), must_not_fail);
    }
    const auto turn = std::make_shared<Wakeup>(self->parts_.executor);
    self->waiting_.push_back(turn);
    const bool has_answered = co_await turn->wait(std::chrono::steady_clock::now() + kHealthPatience);
    std::erase(self->waiting_, turn);
    co_return has_answered && self->is_well_;
  }

 private:
  static Task<void> ask(std::shared_ptr<DatabaseHealth> self) {
    const auto& parts = self->parts_;
    try {
      co_await parts.catalog.read([](Repositories& catalog) { return catalog.library.find(ImageRow{0}).has_value(); });
      self->is_well_ = true;
    } catch (const std::exception& error) {
      if (self->is_well_) parts.log->warn("the database does not answer: {}", error.what());
      self->is_well_ = false;
    }
    self->checked_at_ = parts.clock.steady_now();
    self->is_asking_ = false;
    for (const auto& turn : std::exchange(self->waiting_, {})) turn->notify();
  }

  ApiParts parts_;
  bool is_well_ = true;
  bool is_asking_ = false;
  std::optional<SteadyTime> checked_at_;
  std::vector<std::shared_ptr<Wakeup>> waiting_;
};

constexpr std::string_view kHealthSchema = R"({
  "type": "object", "additionalProperties": false, "required": ["status", "version", "database", "images", "uptime_seconds"],
  "properties": {
    "status": {"type": "string", "enum": ["ok", "degraded"]},
    "version": {"type": "string"},
    "database": {"type": "string", "enum": ["ok", "away"]},
    "images": {"type": "string", "enum": ["ok", "waiting"],
               "description": "waiting: for a store, a function or a database that is away; the log says why"},
    "uptime_seconds": {"type": "integer"}
  }
})";
constexpr std::string_view kHealthReference = R"({"$ref":"#/components/schemas/Health"})";

/// What the system routes share.
struct System {
  System(const ApiParts& all, SystemFacts known)
      : parts(all),
        facts(std::move(known)),
        health(std::make_shared<DatabaseHealth>(all)),
        started(all.clock.steady_now()) {}

  ApiParts parts;
  SystemFacts facts;
  std::shared_ptr<DatabaseHealth> health;
  SteadyTime started;
};

Task<HttpReply> get_health(std::shared_ptr<System> system) {
  const bool is_well = co_await DatabaseHealth::check(system->health);
  const auto up = std::chrono::duration_cast<std::chrono::seconds>(system->parts.clock.steady_now() - system->started);
  const bool is_waiting = system->parts.ingest_stats().is_waiting;
  const json::object health{{"status", is_well && !is_waiting ? "ok" : "degraded"},
                            {"version", system->facts.version},
                            {"database", is_well ? "ok" : "away"},
                            {"images", is_waiting ? "waiting" : "ok"},
                            {"uptime_seconds", up.count()}};
  auto reply = json_reply(is_well ? 200 : 503, json::serialize(health));
  if (!is_well) reply.headers.add("Retry-After", "5");
  co_return reply;
}

Task<std::size_t> count_polls(Scheduler* scheduler) {
  co_return scheduler->polls_under_way();
}

/// What is known of the catalog; nothing of it while the database is away.
Task<Metrics::Gauges> read_gauges(std::shared_ptr<System> system) {
  const auto& parts = system->parts;
  Metrics::Gauges gauges;
  try {
    gauges.counts = co_await parts.counts.get();
    gauges.queue = co_await parts.catalog.read([](Repositories& catalog) { return catalog.library.queue_age(); });
  } catch (const Failure& failure) {
    parts.log->debug("metrics without the catalog: {}", failure.what());
  }
  gauges.polls_under_way =
      co_await run_on(parts.scheduler_executor, [&parts] { return count_polls(&parts.scheduler); });
  gauges.ingest = parts.ingest_stats();
  gauges.event_clients = parts.events.clients();
  gauges.event_clients_dropped = parts.events.dropped();
  gauges.connections = system->facts.connections();
  gauges.now = parts.clock.now();
  co_return gauges;
}

Task<HttpReply> get_metrics(std::shared_ptr<System> system) {
  const auto gauges = co_await read_gauges(system);
  HttpReply reply{.headers = {{"Content-Type", "text/plain; version=0.0.4; charset=utf-8"}}};
  reply.body = system->parts.metrics.text(gauges);
  co_return reply;
}

Task<HttpReply> get_description(std::shared_ptr<System> system) {
  co_return json_reply(200, std::string(system->facts.description()));
}

}  // namespace

void add_system_routes(Router& router, const ApiParts& parts, SystemFacts facts) {
  const auto system = std::make_shared<System>(parts, std::move(facts));
  router.add_schema("Health", std::string(kHealthSchema));
  router.add(
      {.method = "GET",
       .path = "/healthz",
       .scope = Scope::none,
       .name = "get_health",
       .tag = "system",
       .summary = "Whether creel is well",
       .answers =
           {{.help = "It is well.",
             .schema = std::string(kHealthReference),
             .example = R"({"status":"ok","version":"0.1.0","database":"ok","images":"ok","uptime_seconds":86400})"},
            {.status = 503,
             .help = "The database cannot be reached; work waits and goes on by itself.",
             .schema = std::string(kHealthReference),
             .example =
                 R"({"status":"degraded","version":"0.1.0","database":"away","images":"waiting","uptime_seconds":86400})"}},
       .handler = [system](ApiCall) { return get_health(system); }});
  router.add({.method = "GET",
              .path = "/metrics",
              .scope = Scope::read,
              .name = "get_metrics",
              .tag = "system",
              .summary = "Figures for Prometheus",
              .answers = {{.help = "Prometheus' text format 0.0.4.",
                           .schema = R"({"type":"string"})",
                           .media_type = "text/plain"}},
              .handler = [system](ApiCall) { return get_metrics(system); }});
  router.add({.method = "GET",
              .path = "/openapi.json",
              .scope = Scope::none,
              .name = "get_description",
              .tag = "system",
              .summary = "This description",
              .answers = {{.help = "OpenAPI 3.1.", .schema = R"({"type":"object"})"}},
              .handler = [system](ApiCall) { return get_description(system); }});
}

}  // namespace creel

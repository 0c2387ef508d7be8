#include "api/metrics.h"

#include <atomic>
#include <map>
#include <mutex>
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>
#include <sstream>
#include <stdexcept>
#include <tuple>

#include "api/counts_cache.h"

namespace creel {
namespace {

using Labels = std::map<std::string, std::string>;
using Buckets = prometheus::Histogram::BucketBoundaries;

const Buckets kPhaseBuckets{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5,
                            1,     2.5,    5,     10,   30,    60,   300, 1800, 3600};
const Buckets kRequestBuckets{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
const Buckets kPollBuckets{0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900};

std::string_view name_of(Phase phase) {
  switch (phase) {
    case Phase::queue: return "queue";
    case Phase::fetch: return "fetch";
    case Phase::store: return "store";
    case Phase::transfer: return "transfer";
    case Phase::record: return "record";
  }
  throw std::logic_error("a phase that is none");
}

std::string_view state_name(std::size_t state) {
  static constexpr std::array<std::string_view, 5> kNames{"pending", "storing", "stored", "failed", "deleted"};
  return kNames.at(state);
}

}  // namespace

class Metrics::Impl {
 public:
  Impl();

  void count_image(const std::string& outcome, const std::string& kind) {
    images_total_.Add({{"outcome", outcome}, {"kind", kind}}).Increment();
  }

  prometheus::Histogram& route_seconds(const std::string& route);
  prometheus::Counter& requests(const std::string& method, const std::string& route, int status);

  void set_counts(const Counts& counts);
  void set(const Gauges& gauges);
  std::string text();

  prometheus::Registry registry_;
  std::atomic<std::uint64_t> stored_ = 0;
  std::atomic<std::uint64_t> failed_ = 0;
  std::atomic<std::uint64_t> bytes_ = 0;

  prometheus::Family<prometheus::Counter>& images_total_;
  prometheus::Counter& stored_total_;
  prometheus::Counter& already_total_;
  prometheus::Counter& stored_bytes_;
  prometheus::Family<prometheus::Counter>& polls_;
  prometheus::Histogram& poll_seconds_;
  std::map<Phase, prometheus::Histogram*> phases_;
  prometheus::Histogram& database_read_;
  prometheus::Histogram& database_write_;
  prometheus::Family<prometheus::Counter>& requests_;
  prometheus::Family<prometheus::Histogram>& request_seconds_;

 private:
  template <class Builder>
  static auto& family(prometheus::Registry& registry, Builder builder, const char* name, const char* help) {
    return builder.Name(name).Help(help).Register(registry);
  }
  prometheus::Gauge& gauge(const char* name, const char* help) {
    return family(registry_, prometheus::BuildGauge(), name, help).Add({});
  }
  prometheus::Counter& counter(const char* name, const char* help) {
    return family(registry_, prometheus::BuildCounter(), name, help).Add({});
  }

  // Looking a label set up costs more than all the rest of a request's account.
  std::mutex mutex_;
  std::map<std::tuple<std::string, std::string, int>, prometheus::Counter*> known_requests_;
  std::map<std::string, prometheus::Histogram*> known_routes_;
  std::map<std::pair<std::size_t, std::string>, prometheus::Gauge*> images_by_;

  prometheus::Family<prometheus::Gauge>& images_;
  prometheus::Gauge& in_flight_;
  prometheus::Gauge& budget_used_;
  prometheus::Gauge& budget_capacity_;
  prometheus::Gauge& queue_waiting_;
  prometheus::Gauge& queue_oldest_;
  prometheus::Gauge& polls_under_way_;
  prometheus::Gauge& event_clients_;
  prometheus::Counter& event_clients_dropped_;
  prometheus::Gauge& connections_;
};

Metrics::Impl::Impl()
    : images_total_(family(registry_, prometheus::BuildCounter(), "creel_images_total",
                           "Images that came to an end since the start, by outcome and failure kind")),
      stored_total_(images_total_.Add({{"outcome", "stored"}, {"kind", ""}})),
      already_total_(images_total_.Add({{"outcome", "already"}, {"kind", ""}})),
      stored_bytes_(counter("creel_stored_bytes_total", "Bytes of images stored since the start")),
      polls_(family(registry_, prometheus::BuildCounter(), "creel_polls_total",
                    "Polls of sources that ended, by outcome: ok, or the kind of failure")),
      poll_seconds_(family(registry_, prometheus::BuildHistogram(), "creel_poll_seconds", "Durations of polls")
                        .Add({}, kPollBuckets)),
      database_read_(family(registry_, prometheus::BuildHistogram(), "creel_database_seconds",
                            "Durations of looks into the database and changes of it, by kind: read, write")
                         .Add({{"kind", "read"}}, kRequestBuckets)),
      // A family of the same name and help is the same family.
      database_write_(family(registry_, prometheus::BuildHistogram(), "creel_database_seconds",
                             "Durations of looks into the database and changes of it, by kind: read, write")
                          .Add({{"kind", "write"}}, kRequestBuckets)),
      requests_(family(registry_, prometheus::BuildCounter(), "creel_http_requests_total",
                       "Requests answered, by method, route and status")),
      request_seconds_(family(registry_, prometheus::BuildHistogram(), "creel_http_request_seconds",
                              "Durations until an answer was ready, by route")),
      images_(family(registry_, prometheus::BuildGauge(), "creel_images",
                     "Images in the catalog by state, and by failure kind for those that failed")),
      in_flight_(gauge("creel_in_flight", "Images that are fetched or stored at this moment")),
      budget_used_(gauge("creel_budget_used_bytes", "Memory for bodies that is in use")),
      budget_capacity_(gauge("creel_budget_capacity_bytes", "Memory for bodies that there is")),
      queue_waiting_(gauge("creel_queue_waiting", "Images that could be fetched now")),
      queue_oldest_(gauge("creel_queue_oldest_seconds", "How long the oldest of them has waited; 0 if none waits")),
      polls_under_way_(gauge("creel_polls_under_way", "Polls of sources at this moment")),
      event_clients_(gauge("creel_event_clients", "Clients that listen to /events")),
      event_clients_dropped_(counter("creel_event_clients_dropped_total", "Clients of /events cut for being too slow")),
      connections_(gauge("creel_http_connections", "Connections to the API that are open")) {
  auto& phases = family(registry_, prometheus::BuildHistogram(), "creel_phase_seconds",
                        "Durations of the steps of an image's way");
  for (const auto phase : {Phase::queue, Phase::fetch, Phase::store, Phase::transfer, Phase::record}) {
    phases_[phase] = &phases.Add({{"phase", std::string(name_of(phase))}}, kPhaseBuckets);
  }
}

prometheus::Histogram& Metrics::Impl::route_seconds(const std::string& route) {
  const std::lock_guard lock(mutex_);
  auto*& known = known_routes_[route];
  if (known == nullptr) known = &request_seconds_.Add({{"route", route}}, kRequestBuckets);
  return *known;
}

prometheus::Counter& Metrics::Impl::requests(const std::string& method, const std::string& route, int status) {
  const std::lock_guard lock(mutex_);
  auto*& known = known_requests_[{method, route, status}];
  if (known == nullptr) {
    known = &requests_.Add({{"method", method}, {"route", route}, {"status", std::to_string(status)}});
  }
  return *known;
}

void Metrics::Impl::set_counts(const Counts& counts) {
  const std::lock_guard lock(mutex_);
  std::map<std::pair<std::size_t, std::string>, std::uint64_t> now;
  for (std::size_t state = 0; state < counts.all.size(); ++state) {
    if (state != static_cast<std::size_t>(ImageState::failed)) now[{state, ""}] = counts.all.at(state);
  }
  for (const auto& [kind, images] : counts.by_failure_kind) {
    now[{static_cast<std::size_t>(ImageState::failed), std::string(to_string(kind))}] = images;
  }
  // Kinds that had some and have none any more are shown as 0.
  for (const auto& [key, known] : images_by_) now.try_emplace(key, 0);
  for (const auto& [key, images] : now) {
    auto*& known = images_by_[key];
    if (known == nullptr) {
      known = &images_.Add({{"state", std::string(state_name(key.first))}, {"kind", key.second}});
    }
    known->Set(static_cast<double>(images));
  }
}

void Metrics::Impl::set(const Gauges& gauges) {
  if (gauges.counts) set_counts(*gauges.counts);
  in_flight_.Set(static_cast<double>(gauges.ingest.in_flight));
  budget_used_.Set(static_cast<double>(gauges.ingest.budget_used_bytes));
  budget_capacity_.Set(static_cast<double>(gauges.ingest.budget_capacity_bytes));
  polls_under_way_.Set(static_cast<double>(gauges.polls_under_way));
  event_clients_.Set(static_cast<double>(gauges.event_clients));
  connections_.Set(static_cast<double>(gauges.connections));
  const auto dropped = static_cast<double>(gauges.event_clients_dropped);
  event_clients_dropped_.Increment(std::max(0.0, dropped - event_clients_dropped_.Value()));
  if (!gauges.queue) return;
  queue_waiting_.Set(static_cast<double>(gauges.queue->waiting));
  const auto oldest = gauges.queue->oldest_found_at;
  const std::chrono::duration<double> age = oldest ? gauges.now - *oldest : SystemTime::duration(0);
  queue_oldest_.Set(std::max(0.0, age.count()));
}

std::string Metrics::Impl::text() {
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, registry_.Collect());
  return std::move(out).str();
}

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {}
Metrics::~Metrics() = default;

void Metrics::on_image_stored(std::uint64_t bytes) {
  ++impl_->stored_;
  impl_->bytes_ += bytes;
  impl_->stored_total_.Increment();
  impl_->stored_bytes_.Increment(static_cast<double>(bytes));
}

void Metrics::on_image_already() {
  impl_->already_total_.Increment();
}

void Metrics::on_image_failed(FailureKind kind) {
  ++impl_->failed_;
  impl_->count_image("failed", std::string(to_string(kind)));
}

void Metrics::on_phase(Phase phase, std::chrono::duration<double> took) {
  impl_->phases_.at(phase)->Observe(std::max(0.0, took.count()));
}

void Metrics::on_poll(std::optional<FailureKind> failure, std::chrono::duration<double> took) {
  impl_->polls_.Add({{"outcome", failure ? std::string(to_string(*failure)) : "ok"}}).Increment();
  impl_->poll_seconds_.Observe(std::max(0.0, took.count()));
}

void Metrics::on_database(DatabaseUse use, std::chrono::duration<double> took) {
  auto& seconds = use == DatabaseUse::read ? impl_->database_read_ : impl_->database_write_;
  seconds.Observe(std::max(0.0, took.count()));
}

void Metrics::on_request(std::string_view method, std::string_view route, int status,
                         std::chrono::duration<double> took) {
  const std::string path(route);
  impl_->requests(std::string(method), path, status).Increment();
  impl_->route_seconds(path).Observe(std::max(0.0, took.count()));
}

Metrics::Totals Metrics::totals() const {
  return {.stored = impl_->stored_, .failed = impl_->failed_, .bytes = impl_->bytes_};
}

std::string Metrics::text(const Gauges& gauges) {
  impl_->set(gauges);
  return impl_->text();
}

}  // namespace creel

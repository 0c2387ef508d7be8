#pragma once

#include <cstdint>
#include <functional>

#include <boost/asio/any_io_executor.hpp>

#include "base/clock.h"
#include "base/log.h"

namespace creel {

class CatalogService;
class CountsCache;
class EventHub;
class Metrics;
class ObjectStore;
class RecentRates;
class Scheduler;
class SourceKinds;
class TokenVerifier;

/// What the ingest is doing at a moment.
struct IngestStats {
  std::uint64_t in_flight = 0;
  std::uint64_t budget_used_bytes = 0;
  std::uint64_t budget_capacity_bytes = 0;
  /// Images wait for a store, a function or a database that is away.
  bool is_waiting = false;
};

/// What the API works with; all of it must outlive it.
struct ApiParts {
  /// The API's event loop.
  boost::asio::any_io_executor executor;
  CatalogService& catalog;
  /// To be called on `scheduler_executor`: see run_on.h.
  Scheduler& scheduler;
  boost::asio::any_io_executor scheduler_executor;
  const SourceKinds& kinds;
  /// Where the bytes of stored images are read and removed; of the API's event loop.
  ObjectStore& content;
  CountsCache& counts;
  EventHub& events;
  Metrics& metrics;
  const RecentRates& rates;
  TokenVerifier& tokens;
  const Clock& clock;
  Log log;
  /// May be called on any thread.
  std::function<IngestStats()> ingest_stats;
  /// Tells the ingest that images came into the queue by other ways than the scheduler (a retry). Any thread.
  std::function<void()> images_queued;
};

}  // namespace creel

#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "api/api_parts.h"
#include "base/failure.h"
#include "catalog/image_library.h"

namespace creel {

struct Counts;

/// The steps of one image's way, as their durations are told apart.
enum class Phase : std::uint8_t {
  /// From when it was found until its first try began.
  queue,
  fetch,
  store,
  /// All of it, where the parts are not known: of an image that failed.
  transfer,
  /// Until its outcome stood in the catalog.
  record,
};

enum class DatabaseUse : std::uint8_t { read, write };

/// What /metrics shows (Prometheus). Threads: any.
class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  void on_image_stored(std::uint64_t bytes);
  /// It was in the store already.
  void on_image_already();
  void on_image_failed(FailureKind kind);
  void on_phase(Phase phase, std::chrono::duration<double> took);

  /// @param failure  nothing for a poll that ended well
  void on_poll(std::optional<FailureKind> failure, std::chrono::duration<double> took);
  void on_database(DatabaseUse use, std::chrono::duration<double> took);

  /// @param route  the path with names in braces, so that there are not more of them than routes
  void on_request(std::string_view method, std::string_view route, int status, std::chrono::duration<double> took);

  /// What has come together since the start.
  struct Totals {
    std::uint64_t stored = 0;
    std::uint64_t failed = 0;
    std::uint64_t bytes = 0;
  };
  Totals totals() const;

  /// What is not counted but looked at when it is asked for. What is not known is left out.
  struct Gauges {
    std::shared_ptr<const Counts> counts;
    std::optional<QueueAge> queue;
    IngestStats ingest;
    std::size_t polls_under_way = 0;
    std::size_t event_clients = 0;
    std::uint64_t event_clients_dropped = 0;
    std::size_t connections = 0;
    SystemTime now;
  };
  /// In the text format 0.0.4.
  std::string text(const Gauges& gauges);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace creel

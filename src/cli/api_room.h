#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "api/api_parts.h"
#include "api/web_file.h"
#include "aws/environment.h"
#include "base/task.h"
#include "cli/serve_config.h"

namespace creel {

class Resolver;

/// What the API of a backend stands on; all of it must outlive it.
struct ApiRoomParts {
  /// The API's event loop.
  boost::asio::any_io_executor executor;
  boost::asio::any_io_executor scheduler_executor;
  const ServeConfig& config;
  const aws::Environment& environment;
  Resolver& resolver;
  CatalogService& catalog;
  Scheduler& scheduler;
  const SourceKinds& kinds;
  /// Of the API's event loop.
  std::shared_ptr<ObjectStore> content;
  CountsCache& counts;
  EventHub& events;
  Metrics& metrics;
  const RecentRates& rates;
  const Clock& clock;
  Log log;
  std::function<IngestStats()> ingest_stats;
  std::function<void()> images_queued;
  /// The files of the page.
  std::span<const WebFile> page;
};

/// The API with all that lives on its event loop: the keys of tokens, the server. Threads: made, used and destroyed on
/// that loop.
class ApiRoom {
 public:
  /// @throws Failure bad_request  the secret for tokens cannot be used
  explicit ApiRoom(ApiRoomParts parts);
  ~ApiRoom();

  /// @throws Failure bad_request  the port is in use or not allowed
  void listen(const std::string& address, std::uint16_t port);
  std::uint16_t port() const;
  Task<void> stop(std::chrono::steady_clock::time_point deadline);

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace creel

#pragma once

#include <memory>

#include "api/api_parts.h"
#include "base/task.h"

namespace creel {

class CountsCache;
class Router;

/// /events, and the counters that are told each second while somebody listens. Threads: the API's loop.
class EventRoutes {
 public:
  explicit EventRoutes(ApiParts parts);
  ~EventRoutes();
  EventRoutes(const EventRoutes&) = delete;
  EventRoutes& operator=(const EventRoutes&) = delete;

  void add_to(Router& router);

  /// Ends the streams.
  void stop();

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace creel

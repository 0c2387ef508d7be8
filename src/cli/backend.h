#pragma once

#include <memory>
#include <string>

#include "aws/environment.h"
#include "base/clock.h"
#include "cli/serve_config.h"

namespace creel {

/// The backend: catalog, sources on their schedule, ingest, executor, API, built after a configuration and run until a
/// signal ends it. Threads: one, on which it builds its own.
class Backend {
 public:
  /// @param environment, config  must outlive it
  /// @throws Failure bad_request | bad_auth | store_denied  the configuration cannot work: the message says what to do
  /// @throws CatalogUnavailable  the database cannot be reached, for longer than a restart of it takes
  Backend(const ServeConfig& config, const aws::Environment& environment);
  ~Backend();

  /// Works until SIGINT or SIGTERM. The first lets what is under way go on for a while, the second ends the process at
  /// once.
  /// @throws Failure  what ended it before
  void run();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace creel

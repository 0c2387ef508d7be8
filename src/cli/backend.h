#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>

#include "api/web_file.h"
#include "aws/environment.h"
#include "base/clock.h"
#include "cli/serve_config.h"

namespace creel {

/// The backend: catalog, sources on their schedule, ingest, executor, API, built after a configuration and run until a
/// signal ends it. Threads: one, on which it builds its own.
class Backend {
 public:
  /// @param environment, config  must outlive it
  /// @param page  the files of the page, which must outlive it
  /// @param on_listening  called once it can be asked, on the thread of `run`, with where it is; without it that is
  ///                      printed
  /// @throws Failure bad_request | bad_auth | store_denied  the configuration cannot work: the message says what to do
  /// @throws CatalogUnavailable  the database cannot be reached, for longer than a restart of it takes
  Backend(const ServeConfig& config, const aws::Environment& environment,
          std::function<void(const std::string& url)> on_listening = {}, std::span<const WebFile> page = {});
  ~Backend();

  /// Works until SIGINT or SIGTERM. The first lets what is under way go on for a while, the second ends the process at
  /// once.
  /// @throws Failure  what ended it before
  void run();

  /// Has `run` end as the first signal does. Threads: any.
  void stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace creel

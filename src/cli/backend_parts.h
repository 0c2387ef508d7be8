#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "aws/environment.h"
#include "base/log.h"
#include "catalog/catalog.h"
#include "cli/destination.h"
#include "cli/lambda_route.h"
#include "cli/serve_config.h"
#include "ingest/executor.h"
#include "ingest/ingest.h"
#include "ingest/job_options.h"
#include "net/http_client.h"
#include "sources/scheduler.h"
#include "sources/source_kinds.h"

namespace creel {

// What the parts of the backend are made with, out of its configuration.

Log make_log(const ServeConfig::Logging& logging);
StoresOptions stores_options(const ServeConfig& config, const aws::Environment& environment);
LambdaRouteOptions route_options(const ServeConfig& config);
/// The bucket that the function's events name. A function that stores into a folder looks at no bucket, and one that
/// does not says with this name what is wrong.
std::string bucket_for_function(const Destination& destination);
JobOptions job_options(const ServeConfig& config);
/// @param owner  empty if the catalog is this program's alone
IngestOptions ingest_options(const ServeConfig& config, std::string owner);
/// @param is_shared  other programs may be on the same catalog
SchedulerOptions scheduler_options(const ServeConfig& config, std::string owner, bool is_shared);
SourceKindsOptions source_kinds_options(const ServeConfig& config);
/// For images and polls: strangers' URLs.
HttpClientOptions web_options(const ServeConfig& config, const aws::Environment& environment);
/// For peers that the configuration names.
HttpClientOptions peer_options(const aws::Environment& environment);

/// Opens the catalog of the configuration. A database that is away is waited for, for a minute.
std::unique_ptr<Catalog> open_catalog(const ServeConfig& config, const Log& log);

/// The same without waiting.
std::unique_ptr<Catalog> open_catalog(const ServeConfig& config);

/// What this program is called among those that share a database; never twice the same.
std::string unique_owner();

/// Another executor, with a count of what is under way. Threads: the ingest loop, the count any.
class CountingExecutor final : public Executor {
 public:
  explicit CountingExecutor(std::unique_ptr<Executor> inner) : inner_(std::move(inner)) {}

  Task<StoreOutcome> execute(StoreRequest request) override;

  std::size_t in_flight() const { return in_flight_.load(std::memory_order_relaxed); }

 private:
  std::unique_ptr<Executor> inner_;
  std::atomic<std::size_t> in_flight_{0};
};

}  // namespace creel

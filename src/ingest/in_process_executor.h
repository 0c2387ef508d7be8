#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/byte_budget.h"
#include "base/clock.h"
#include "functions/image_storer.h"
#include "ingest/executor.h"
#include "net/event_loop.h"
#include "net/http_client.h"
#include "store/object_store.h"

namespace creel {

/// The part of a host's connections that one of several workers may use: whole numbers that add up to `per_host`,
/// the odd ones given to other workers for other hosts.
std::size_t share_of_host(std::string_view host, std::size_t per_host, std::size_t worker, std::size_t workers);

struct InProcessExecutorOptions {
  /// Event loops, each on a thread of its own.
  std::size_t workers = 1;
  /// Connections to one host, over all workers.
  std::size_t per_host = 32;
  /// Makes the client with which worker `index` fetches images; its host limit is set by the executor.
  std::function<HttpClientOptions()> fetch_options;
  /// Makes the store of one worker. Called on the caller's thread, before the worker gets any work.
  std::function<std::shared_ptr<ObjectStore>(boost::asio::any_io_executor)> make_store;
};

/// Runs requests on event loops of this process, through the function's own code. Threads: the ingest loop.
class InProcessExecutor final : public Executor {
 public:
  /// All of them must outlive the executor.
  InProcessExecutor(InProcessExecutorOptions options, Resolver& resolver, ByteBudget& budget, const Clock& clock);
  ~InProcessExecutor() override;

  Task<StoreOutcome> execute(StoreRequest request) override;

 private:
  struct Worker;

  std::size_t choose_worker(const std::string& host) const;

  InProcessExecutorOptions options_;
  std::vector<std::unique_ptr<Worker>> workers_;
  /// Requests under way, by host and worker.
  std::unordered_map<std::string, std::vector<std::size_t>> by_host_;
};

}  // namespace creel

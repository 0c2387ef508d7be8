#include "ingest/in_process_executor.h"

#include <algorithm>
#include <limits>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>
#include <fmt/format.h>

#include "base/wakeup.h"
#include "functions/store_outcome.h"
#include "net/host_limits.h"
#include "net/resolver.h"

namespace creel {
namespace asio = boost::asio;

std::size_t share_of_host(std::string_view host, std::size_t per_host, std::size_t worker, std::size_t workers) {
  const auto first = std::hash<std::string_view>{}(host) % workers;
  const auto place = (worker + workers - first) % workers;
  return per_host / workers + (place < per_host % workers ? 1 : 0);
}

namespace {

/// A request on a worker's event loop, as both loops see it. `signal` and `is_over` belong to the worker's loop,
/// `outcome` to the caller's once `done` was notified.
struct Job {
  explicit Job(const asio::any_io_executor& caller) : done(std::make_shared<Wakeup>(caller)) {}

  asio::cancellation_signal signal;
  bool is_over = false;
  StoreOutcome outcome = Failure(FailureKind::internal, "the worker gave no answer");
  std::shared_ptr<Wakeup> done;
};

HttpClientOptions with_http1(HttpClientOptions options) {
  options.version = HttpVersion::http1;
  return options;
}

/// Waits for the job, however long it takes: it uses what the executor holds. Cancelling the wait cancels the job.
Task<void> await_job(std::shared_ptr<Job> job, asio::any_io_executor worker) {
  bool was_cancelled = false;
  try {
    co_await job->done->wait();
  } catch (const boost::system::system_error&) {
    was_cancelled = true;
  }
  if (!was_cancelled) co_return;
  asio::post(worker, [job] {
    if (!job->is_over) job->signal.emit(asio::cancellation_type::terminal);
  });
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  co_await job->done->wait();
}

}  // namespace

/// An event loop and what lives on it.
struct InProcessExecutor::Worker {
  Worker(const InProcessExecutorOptions& options, HttpClientOptions fetch, Resolver& resolver, ByteBudget& budget,
         const Clock& clock)
      : http(loop.executor(), fetch, resolver),
        http1(loop.executor(), with_http1(std::move(fetch)), resolver),
        store(options.make_store(loop.executor())),
        storer(http, http1, *store, budget, blocks, clock) {}
  ~Worker() { loop.stop(); }

  static Task<void> run(ImageStorer& storer, StoreRequest request, std::shared_ptr<Job> job) {
    job->outcome = co_await outcome_of(storer, std::move(request));
    job->is_over = true;
    Wakeup::post_notify(job->done);
  }

  EventLoop loop;
  BlockPool blocks;
  HttpClient http;
  HttpClient http1;
  std::shared_ptr<ObjectStore> store;
  ImageStorer storer;
  std::size_t in_flight = 0;
};

InProcessExecutor::InProcessExecutor(InProcessExecutorOptions options, Resolver& resolver, ByteBudget& budget,
                                     const Clock& clock)
    : options_(std::move(options)) {
  const auto limits = std::make_shared<HostLimits>(options_.per_host);
  for (std::size_t i = 0; i < options_.workers; ++i) {
    auto fetch = options_.fetch_options();
    fetch.host_limits = limits;
    // A redirect may lead a worker to a host that others have all connections to.
    fetch.keeps_connections = [per_host = options_.per_host, i, workers = options_.workers](std::string_view host) {
      return share_of_host(host, per_host, i, workers) > 0;
    };
    workers_.push_back(std::make_unique<Worker>(options_, std::move(fetch), resolver, budget, clock));
  }
}

InProcessExecutor::~InProcessExecutor() = default;

Task<StoreOutcome> InProcessExecutor::execute(StoreRequest request) {
  const auto host = request.image_url.authority();
  const auto index = choose_worker(host);
  auto& worker = *workers_[index];

  struct Counted {
    Counted(InProcessExecutor& executor, const std::string& name, std::size_t number)
        : self(executor), host(name), index(number) {
      auto& counts = self.by_host_[host];
      counts.resize(self.workers_.size());
      ++counts[index];
      ++self.workers_[index]->in_flight;
    }
    ~Counted() {
      --self.workers_[index]->in_flight;
      auto& counts = self.by_host_[host];
      --counts[index];
      if (std::ranges::all_of(counts, [](auto count) { return count == 0; })) self.by_host_.erase(host);
    }
    InProcessExecutor& self;
    const std::string& host;
    std::size_t index;
  };
  const Counted counted(*this, host, index);

  const auto job = std::make_shared<Job>(co_await asio::this_coro::executor);
  asio::post(worker.loop.executor(), [&worker, job, request = std::move(request)]() mutable {
    asio::co_spawn(worker.loop.executor(), Worker::run(worker.storer, std::move(request), job),
                   asio::bind_cancellation_slot(job->signal.slot(), [job](const std::exception_ptr& error) {
                     if (error) std::rethrow_exception(error);
                   }));
  });
  co_await await_job(job, worker.loop.executor());
  co_return std::move(job->outcome);
}

/// The worker with the least to do among those that have connections to the host left.
std::size_t InProcessExecutor::choose_worker(const std::string& host) const {
  const auto found = by_host_.find(host);
  std::size_t best = 0;
  std::size_t least = std::numeric_limits<std::size_t>::max();
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    const auto used = found == by_host_.end() ? 0 : found->second[i];
    const bool has_room = used < share_of_host(host, options_.per_host, i, workers_.size());
    if (has_room && workers_[i]->in_flight < least) {
      best = i;
      least = workers_[i]->in_flight;
    }
  }
  return best;
}

}  // namespace creel

#include "cli/backend.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <thread>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <fmt/format.h>

#include "api/counts_cache.h"
#include "api/event_hub.h"
#include "api/event_publisher.h"
#include "api/metrics.h"
#include "api/recent_rates.h"
#include "api/run_on.h"
#include "base/units.h"
#include "base/wakeup.h"
#include "catalog/catalog_service.h"
#include "cli/access_token.h"
#include "cli/api_room.h"
#include "cli/backend_parts.h"
#include "cli/data_folder.h"
#include "cli/process_environment.h"
#include "cli/upload_progress.h"
#include "ingest/deleted_objects.h"
#include "ingest/in_process_executor.h"
#include "net/event_loop.h"
#include "net/resolver.h"

namespace creel {
namespace asio = boost::asio;
namespace {

using namespace std::chrono_literals;
using namespace asio::experimental::awaitable_operators;

/// Between tries to reach a function or a database that is away.
constexpr auto kPause = 5s;
/// Between looks at whether images wait.
constexpr auto kLook = 1s;

/// Calls `work` on the thread of a loop and waits for it.
template <class Work>
auto on_loop(EventLoop& loop, Work work) {
  std::packaged_task<std::invoke_result_t<Work&>()> task(std::move(work));
  auto result = task.get_future();
  asio::post(loop.executor(), [&task] { task(); });
  return result.get();
}

}  // namespace

class Backend::Impl {
 public:
  Impl(const ServeConfig& config, const aws::Environment& environment,
       std::function<void(const std::string& url)> on_listening, std::span<const WebFile> page);
  ~Impl();

  void run();
  void stop();

 private:
  EventPublisherParts publisher_parts();
  SchedulerParts scheduler_parts();
  IngestParts ingest_parts(Executor& executor);
  ApiRoomParts api_needs();
  std::string scheduler_owner() const { return is_shared() ? owner_ : "local"; }
  bool is_shared() const { return dialect_ == Dialect::postgresql; }

  void note_use(CatalogService::Use use, std::chrono::duration<double> took);
  void listen();
  void tell(const ListenAddress& address);
  Task<void> work();
  Task<void> poll();
  Task<void> ingest();
  DeletedObjectsParts deleted_objects();
  Task<void> take_back_leases();
  Task<void> watch_trouble();
  Task<void> watch_database();
  Task<void> sweep();
  Task<std::unique_ptr<Executor>> open_executor();
  Task<std::unique_ptr<Executor>> make_executor();
  Task<void> stop_api();
  void fail(std::exception_ptr reason);
  void await_signal();
  void begin_stop();
  void wake_ingest();
  IngestStats stats() const;

  const ServeConfig& config_;
  const aws::Environment& environment_;
  const std::function<void(const std::string& url)> on_listening_;
  const std::span<const WebFile> page_;
  const SystemClock clock_;
  const Log log_;
  const std::string owner_ = unique_owner();
  DataFolder data_;

  // The loops go last: what waits on them must not be called after them.
  asio::io_context loop_{1};
  EventLoop api_loop_;
  Resolver resolver_{clock_, system_lookup};
  UploadProgress uploads_{log_};
  Stores stores_;
  /// Told by the catalog to its end.
  Metrics metrics_;
  RecentRates rates_;
  std::unique_ptr<Catalog> opened_;
  const Dialect dialect_;
  CatalogService catalog_;
  SourceKinds kinds_;
  ByteBudget budget_;
  HttpClient poll_http_;
  std::unique_ptr<LambdaRoute> route_;

  EventHub events_;
  CountsCache counts_;
  EventPublisher publisher_;
  Scheduler scheduler_;
  std::unique_ptr<ApiRoom> api_;
  /// For the ingest's loop.
  const std::shared_ptr<ObjectStore> store_ = stores_.make(loop_.get_executor());

  asio::signal_set signals_{loop_, SIGINT, SIGTERM};
  asio::steady_timer grace_{loop_};
  /// For the ingest before it has begun, and for the one who tells of its trouble.
  std::shared_ptr<Wakeup> stopping_wakeup_ = std::make_shared<Wakeup>(loop_.get_executor());
  std::shared_ptr<Wakeup> sweeping_wakeup_ = std::make_shared<Wakeup>(loop_.get_executor());
  std::shared_ptr<Wakeup> telling_wakeup_ = std::make_shared<Wakeup>(loop_.get_executor());
  std::unique_ptr<CountingExecutor> executor_;
  /// For threads other than the loop's: set once, before the API can be asked.
  std::atomic<CountingExecutor*> counted_{nullptr};
  /// The same.
  std::atomic<bool> is_waiting_{false};
  Ingest* ingest_ = nullptr;
  /// Told of in the log.
  bool is_unwritable_ = false;
  bool stopping_ = false;
  SteadyTime stop_deadline_{};
  std::exception_ptr failure_;
};

Backend::Impl::Impl(const ServeConfig& config, const aws::Environment& environment,
                    std::function<void(const std::string& url)> on_listening, std::span<const WebFile> page)
    : config_(config),
      environment_(environment),
      on_listening_(std::move(on_listening)),
      page_(page),
      log_(make_log(config.log)),
      data_(config.server.data),
      stores_(stores_options(config, environment), environment, resolver_, clock_, log_, uploads_),
      opened_(open_catalog(config, log_)),
      dialect_(opened_->dialect()),
      catalog_(std::move(opened_), config.database.readers),
      kinds_(source_kinds_options(config)),
      budget_(config.ingest.memory),
      poll_http_(loop_.get_executor(), web_options(config, environment), resolver_),
      events_(api_loop_.executor(), clock_),
      counts_(catalog_, clock_),
      publisher_(publisher_parts()),
      scheduler_(scheduler_parts(), scheduler_options(config, scheduler_owner(), is_shared())) {
  catalog_.observe([this](CatalogService::Use use, auto took) { note_use(use, took); });
  if (!config.ingest.via.empty()) {
    route_ = std::make_unique<LambdaRoute>(loop_.get_executor(), route_options(config), environment, resolver_, clock_,
                                           log_);
  }
}

/// What lives on the API's loop goes on it, before the loop ends.
Backend::Impl::~Impl() {
  catalog_.finish();
  if (api_) on_loop(api_loop_, [this] { api_.reset(); });
  api_loop_.stop();
}

EventPublisherParts Backend::Impl::publisher_parts() {
  return {.executor = api_loop_.executor(),
          .catalog = catalog_,
          .kinds = kinds_,
          .counts = counts_,
          .events = events_,
          .metrics = metrics_,
          .rates = rates_,
          .clock = clock_,
          .log = log_,
          .on_images_added = [this](std::size_t) { wake_ingest(); }};
}

SchedulerParts Backend::Impl::scheduler_parts() {
  return {.executor = loop_.get_executor(),
          .catalog = catalog_,
          .kinds = kinds_,
          .http = poll_http_,
          .listener = publisher_,
          .clock = clock_,
          .random = system_random(),
          .log = log_};
}

IngestParts Backend::Impl::ingest_parts(Executor& executor) {
  return {.executor = loop_.get_executor(),
          .catalog_thread = catalog_.writer_thread(),
          .images = catalog_.writer().images,
          .function = executor,
          .listener = publisher_,
          .clock = clock_,
          .random = system_random(),
          .log = log_,
          .location = [this](const ObjectKey& key) { return store_->location(key); },
          .orphaned =
              [this](ImageRow row, const std::string& key) {
                asio::co_spawn(loop_, remove_orphan(deleted_objects(), row, key),
                               [this](const std::exception_ptr& error) {
                                 if (error) fail(error);
                               });
              },
          .catalog_used = [this](CatalogService::Use use, auto took) { note_use(use, took); }};
}

void Backend::Impl::note_use(CatalogService::Use use, std::chrono::duration<double> took) {
  metrics_.on_database(use == CatalogService::Use::read ? DatabaseUse::read : DatabaseUse::write, took);
}

DeletedObjectsParts Backend::Impl::deleted_objects() {
  return {.catalog = catalog_,
          .store = *store_,
          .clock = clock_,
          .log = log_,
          .key_mode = config_.store.key_mode,
          .clashes = config_.store.if_exists == IfExists::skip ? KeyClashes::settled_where_puts_keep
                                                               : KeyClashes::settled_where_puts_replace,
          .lease = config_.ingest.lease};
}

ApiRoomParts Backend::Impl::api_needs() {
  return {.executor = api_loop_.executor(),
          .scheduler_executor = loop_.get_executor(),
          .config = config_,
          .environment = environment_,
          .resolver = resolver_,
          .catalog = catalog_,
          .scheduler = scheduler_,
          .kinds = kinds_,
          .content = stores_.make(api_loop_.executor()),
          .counts = counts_,
          .events = events_,
          .metrics = metrics_,
          .rates = rates_,
          .clock = clock_,
          .log = log_,
          .ingest_stats = [this] { return stats(); },
          .images_queued = [this] { asio::post(loop_, [this] { wake_ingest(); }); },
          .page = page_};
}

IngestStats Backend::Impl::stats() const {
  const auto* counted = counted_.load();
  return {.in_flight = counted == nullptr ? 0 : counted->in_flight(),
          .budget_used_bytes = budget_.used_bytes(),
          .budget_capacity_bytes = budget_.capacity_bytes(),
          .is_waiting = is_waiting_.load() || catalog_.write_trouble().has_value()};
}

void Backend::Impl::run() {
  await_signal();
  listen();
  asio::co_spawn(loop_, work(), [this](const std::exception_ptr& failure) {
    if (failure && !failure_) failure_ = failure;
    loop_.stop();
  });
  loop_.run();
  if (failure_) std::rethrow_exception(failure_);
  log_->info("stopped");
}

void Backend::Impl::stop() {
  asio::post(loop_, [this] { begin_stop(); });
}

void Backend::Impl::listen() {
  const auto address = parse_listen(config_.server.listen);
  on_loop(api_loop_, [this, &address] {
    api_ = std::make_unique<ApiRoom>(api_needs());
    api_->listen(address.address, address.port);
  });
  tell(address);
}

/// Where it is, for people and programs. A token goes to a terminal alone: what else standard output may be is kept, and
/// read by others. Where the log is JSON on standard output, nothing else is.
void Backend::Impl::tell(const ListenAddress& address) {
  const auto url = local_url(address.address, on_loop(api_loop_, [this] { return api_->port(); }));
  data_.announce(url);
  if (on_listening_) {
    on_listening_(url);
    return;
  }
  const auto& log = config_.log;
  if (log.file.empty() && log.format == LogFormat::json && log.output == LogOutput::Stream::standard_output) {
    log_->info("creel serves at {}", url);
    return;
  }
  fmt::print("creel serves at {}\n", url);
  if (!config_.has_auth() && ::isatty(STDOUT_FILENO) == 0) {
    fmt::print("For a token: creel token --data {} --scope write\n", config_.server.data.string());
  } else if (!config_.has_auth()) {
    const auto& link = config_.server.public_url.empty() ? url : config_.server.public_url;
    const auto token = make_access_token(config_, Scope::write, kLinkLife, clock_.now());
    fmt::print("Open {}{}#token={}\n", link, link.ends_with('/') ? "" : "/", token.reveal());
  }
  std::fflush(stdout);
}

Task<void> Backend::Impl::work() {
  co_await (poll() && ingest() && watch_trouble() && sweep());
  co_await stop_api();
}

/// A database that is away is the scheduler's own affair; what it throws is the end.
Task<void> Backend::Impl::poll() {
  try {
    co_await scheduler_.run();
  } catch (...) {
    fail(std::current_exception());
  }
}

Task<void> Backend::Impl::ingest() {
  try {
    if (!is_shared()) co_await take_back_leases();
    sweeping_wakeup_->notify();
    auto opened = co_await open_executor();
    if (!opened) co_return;
    executor_ = std::make_unique<CountingExecutor>(std::move(opened));
    counted_.store(executor_.get());
    Ingest ingest(ingest_parts(*executor_), kBackendQueue, job_options(config_),
                  ingest_options(config_, is_shared() ? owner_ : ""));
    ingest_ = &ingest;
    if (stopping_) ingest.stop();
    co_await ingest.run();
    ingest_ = nullptr;
  } catch (...) {
    ingest_ = nullptr;
    fail(std::current_exception());
  }
}

/// Nobody else has this catalog: whoever held leases is gone. A disk that is full is waited for.
Task<void> Backend::Impl::take_back_leases() {
  while (!stopping_) {
    std::string why;
    try {
      co_await catalog_.write(
          [this](Repositories& catalog) { return catalog.images.take_back_all(kBackendQueue, clock_.now()); });
      co_return;
    } catch (const CatalogUnavailable& away) {
      why = away.what();
    }
    log_->warn("images wait until the database can be written: {}", why);
    co_await stopping_wakeup_->wait(clock_.steady_now() + kPause);
  }
}

/// The executor, once the function can be reached; null if the backend is stopped before.
Task<std::unique_ptr<Executor>> Backend::Impl::open_executor() {
  while (!stopping_) {
    std::string why;
    try {
      co_return co_await make_executor();
    } catch (const Failure& failure) {
      if (!is_retryable(failure.kind())) throw;
      why = failure.what();
    }
    log_->warn("images wait until the function can be reached: {}", why);
    co_await stopping_wakeup_->wait(clock_.steady_now() + kPause);
  }
  co_return nullptr;
}

Task<std::unique_ptr<Executor>> Backend::Impl::make_executor() {
  const auto& ingest = config_.ingest;
  if (route_) {
    const auto destination = parse_destination(config_.store_to());
    LambdaExecutorOptions target{
        .bucket = bucket_for_function(destination), .key_prefix = destination.prefix, .per_host = ingest.per_host};
    co_return co_await route_->open(std::move(target), ingest.timeout);
  }
  InProcessExecutorOptions options{
      .workers = ingest.threads == 0 ? std::max(1U, std::thread::hardware_concurrency()) : ingest.threads,
      .per_host = ingest.per_host,
      .fetch_options = [this] { return web_options(config_, environment_); },
      .make_store = [this](const auto& worker) { return stores_.make(worker); }};
  co_return std::make_unique<InProcessExecutor>(std::move(options), resolver_, budget_, clock_);
}

/// Notes whether images wait, for those who ask on other threads; the ingest itself tells why.
Task<void> Backend::Impl::watch_trouble() {
  while (!stopping_) {
    is_waiting_ = ingest_ != nullptr && ingest_->trouble().has_value();
    co_await watch_database();
    co_await telling_wakeup_->wait(clock_.steady_now() + kLook);
  }
}

/// A database that could not be written is tried until it can be.
Task<void> Backend::Impl::watch_database() {
  const auto trouble = catalog_.write_trouble();
  if (!trouble) co_return;
  // The ingest tells of what it has met itself.
  if (!is_unwritable_ && !is_waiting_) log_->warn("the database cannot be written for now: {}", *trouble);
  const bool was_told = is_unwritable_ || !is_waiting_;
  co_await catalog_.try_writing();
  is_unwritable_ = was_told && catalog_.write_trouble().has_value();
  if (was_told && !is_unwritable_) log_->info("the database can be written again");
}

/// Once leases have been taken back, and whenever more may have run out.
Task<void> Backend::Impl::sweep() {
  co_await sweeping_wakeup_->wait();
  while (!stopping_) {
    if (co_await remove_deleted_objects(deleted_objects()) > 0) wake_ingest();
    co_await sweeping_wakeup_->wait(clock_.steady_now() + config_.ingest.lease);
  }
}

Task<void> Backend::Impl::stop_api() {
  const auto deadline = stop_deadline_;
  auto stop = [this, deadline] { return api_->stop(deadline); };
  co_await run_on(api_loop_.executor(), stop);
}

void Backend::Impl::wake_ingest() {
  if (ingest_ != nullptr) ingest_->intake_added();
}

void Backend::Impl::fail(std::exception_ptr reason) {
  if (!failure_) failure_ = std::move(reason);
  begin_stop();
}

/// The first signal lets what is under way end, for a while; the second ends the process as it is, which the catalog
/// and the stores are made to survive.
void Backend::Impl::await_signal() {
  signals_.async_wait([this](const boost::system::error_code& error, int) {
    if (error) return;
    if (stopping_) std::_Exit(1);
    log_->info("stopping: what is under way may take {} more; once more to stop at once",
               format_duration(std::chrono::ceil<std::chrono::seconds>(config_.server.stop_grace)));
    begin_stop();
    await_signal();
  });
}

void Backend::Impl::begin_stop() {
  if (stopping_) return;
  stopping_ = true;
  stop_deadline_ = clock_.steady_now() + config_.server.stop_grace;
  stopping_wakeup_->notify();
  sweeping_wakeup_->notify();
  telling_wakeup_->notify();
  scheduler_.stop();
  if (ingest_ == nullptr) return;
  ingest_->stop();
  grace_.expires_after(config_.server.stop_grace);
  grace_.async_wait([this](const boost::system::error_code& error) {
    if (!error && ingest_ != nullptr) ingest_->cancel();
  });
}

Backend::Backend(const ServeConfig& config, const aws::Environment& environment,
                 std::function<void(const std::string& url)> on_listening, std::span<const WebFile> page)
    : impl_(std::make_unique<Impl>(config, environment, std::move(on_listening), page)) {}

Backend::~Backend() = default;

void Backend::run() {
  impl_->run();
}

void Backend::stop() {
  impl_->stop();
}

}  // namespace creel

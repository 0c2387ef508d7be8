#include "cli/mirror_command.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <malloc.h>
#include <thread>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/signal_set.hpp>
#include <fmt/format.h>

#include "base/blocking.h"
#include "base/wakeup.h"
#include "cli/destination.h"
#include "cli/lambda_route.h"
#include "cli/list_feed.h"
#include "cli/mirror_options.h"
#include "cli/open_files.h"
#include "cli/process_environment.h"
#include "cli/progress.h"
#include "cli/report_writer.h"
#include "cli/state_file.h"
#include "cli/summary.h"
#include "cli/upload_progress.h"
#include "ingest/in_process_executor.h"
#include "ingest/ingest.h"

namespace creel {
namespace asio = boost::asio;
namespace {

using namespace std::chrono_literals;
using namespace asio::experimental::awaitable_operators;

/// How long transfers that are under way may go on after the first Ctrl-C; clearing up may take another second.
constexpr auto kGrace = 4s;
constexpr std::chrono::milliseconds kTerminalInterval = 250ms;
constexpr std::chrono::milliseconds kPipeInterval = 10s;
constexpr std::size_t kShownHosts = 10;
constexpr const char* kSourceType = "list";

StoresOptions stores_options(const MirrorOptions& options, const Destination& destination,
                             const aws::Environment& environment, std::size_t concurrency) {
  return {.destination = destination,
          .aws = {.profile = options.profile, .region = options.region, .endpoint_url = options.endpoint_url},
          .s3 = options.s3,
          .proxies = proxies_from(environment),
          .concurrency = concurrency,
          .user_agent = user_agent()};
}

HttpClientOptions web_options(const aws::Environment& environment, AddressPolicy policy) {
  return {.user_agent = user_agent(),
          .address_policy = policy,
          .proxies = proxies_from(environment),
          .ca_file = ca_file_from(environment)};
}

/// For the lists that the command line names. They wait at the server while they are worked on.
HttpClientOptions list_options(const aws::Environment& environment) {
  auto options = web_options(environment, AddressPolicy::private_too);
  options.version = HttpVersion::http1;
  return options;
}

/// The concurrency that was asked for, or what the limit on open files allows of it.
std::size_t possible_concurrency(const MirrorOptions& options, const Log& log) {
  const auto open_files = raise_open_file_limit();
  const auto wanted = options.concurrency;
  // A batch of images is one connection.
  if (options.via.is_used()) return wanted;
  const auto possible = transfers_within(open_files);
  if (wanted <= possible) return wanted;
  log->warn("{} images at a time need more open files than the {} allowed: doing {} (see ulimit -n)", wanted,
            open_files, possible);
  return possible;
}

/// The invocations that were asked for, or what the limit on open files allows of it.
LambdaRouteOptions route_options(const MirrorOptions& options, const Log& log) {
  auto via = options.via;
  via.region = options.region;
  via.profile = options.profile;
  const auto open_files = raise_open_file_limit();
  const auto possible = transfers_within(open_files);
  if (via.in_flight > possible) {
    log->warn("{} invocations at a time need more open files than the {} allowed: doing {} (see ulimit -n)",
              via.in_flight, open_files, possible);
    via.in_flight = possible;
  }
  return via;
}

/// @throws Failure bad_request  images cannot go there through Lambda
void check_destination(const MirrorOptions& options, const Destination& destination, const Log& log) {
  if (!options.via.is_used()) return;
  if (!destination.is_bucket()) {
    throw Failure(
        FailureKind::bad_request,
        fmt::format("--via stores into a bucket that the function reaches: --to must be s3://bucket/prefix, not {}",
                    destination.text()));
  }
  if (!options.endpoint_url.empty()) {
    log->warn(
        "--endpoint-url is not passed on to the function: AWS_ENDPOINT_URL_S3 in its own environment says where it "
        "stores");
  }
}

/// One run of the command: builds the objects, runs them, and prints how it ended. Threads: the main loop.
class MirrorRun final : private ReportListener {
 public:
  MirrorRun(const MirrorOptions& options, const aws::Environment& environment);
  ~MirrorRun() override;

  int run();

 private:
  Task<void> work();
  Task<void> mirror(SourceId source, PollId poll);
  Task<std::unique_ptr<Executor>> make_executor();
  bool makes_stores() const { return !options_.dry_run && !options_.via.is_used(); }
  Task<void> feed(SourceId source, PollId poll, Ingest* ingest);
  Task<void> run_ingest(Ingest& ingest);
  Task<void> show_progress();
  void show_line();
  void await_signal();
  void begin_stop();
  void on_image(const ImageReport& report) override;
  int finish();

  const MirrorOptions& options_;
  const aws::Environment& environment_;
  const SystemClock clock_;
  const Log log_;
  const Destination destination_;
  const std::size_t concurrency_;
  const bool is_terminal_ = isatty(STDERR_FILENO) == 1;
  const SteadyTime started_ = clock_.steady_now();

  asio::io_context loop_{1};
  Resolver resolver_{clock_, system_lookup};
  UploadProgress uploads_{log_};
  /// None in a dry run, which leaves the destination alone, nor where the function stores.
  std::unique_ptr<Stores> stores_;
  StateFile state_;
  std::unique_ptr<Catalog> catalog_;
  ImageRepository images_;
  ByteBudget budget_;
  HttpClient list_http_;
  /// None unless images go through Lambda.
  std::unique_ptr<LambdaRoute> route_;
  std::optional<ReportWriter> report_;
  Tally tally_;
  Progress progress_{started_};
  asio::signal_set signals_{loop_, SIGINT, SIGTERM};
  asio::steady_timer grace_{loop_};
  std::shared_ptr<Wakeup> finished_wakeup_ = std::make_shared<Wakeup>(loop_.get_executor());
  asio::thread_pool catalog_thread_{1};
  ListFeed feed_;

  /// After a dry run.
  std::vector<WaitingHost> waiting_hosts_;
  Ingest* ingest_ = nullptr;
  bool lists_ended_ = false;
  bool stopping_ = false;
  std::exception_ptr failure_;
};

MirrorRun::MirrorRun(const MirrorOptions& options, const aws::Environment& environment)
    : options_(options),
      environment_(environment),
      log_(make_log(options.log_format, options.log_level)),
      destination_(parse_destination(options.destination)),
      concurrency_(possible_concurrency(options, log_)),
      stores_(makes_stores()
                  ? std::make_unique<Stores>(stores_options(options, destination_, environment, concurrency_),
                                             environment, resolver_, clock_, log_, uploads_)
                  : nullptr),
      state_(options.state.empty()
                 ? default_state_file(destination_, destination_.is_bucket() ? options.endpoint_url : "")
                 : options.state,
             options.dry_run ? StateFile::Use::copy : StateFile::Use::itself),
      catalog_(Catalog::open_sqlite(state_.path())),
      images_(*catalog_),
      budget_(options.memory_bytes),
      list_http_(loop_.get_executor(), list_options(environment), resolver_),
      feed_({.executor = loop_.get_executor(),
             .http = list_http_,
             .catalog_thread = catalog_thread_,
             .images = images_,
             .clock = clock_,
             .tally = tally_,
             .listener = *this,
             .log = log_},
            options.job) {
  check_destination(options, destination_, log_);
  if (options.via.is_used() && !options.dry_run) {
    route_ = std::make_unique<LambdaRoute>(loop_.get_executor(), route_options(options, log_), environment, resolver_,
                                           clock_, log_);
  }
  for (const auto& input : options.inputs) feed_.add(input, options.format);
  if (!options.report.empty()) report_.emplace(options.report);
}

MirrorRun::~MirrorRun() {
  catalog_thread_.join();
}

int MirrorRun::run() {
  await_signal();
  asio::co_spawn(loop_, work() && show_progress(), [this](const std::exception_ptr& failure) {
    if (failure) failure_ = failure;
    loop_.stop();
  });
  loop_.run();
  return finish();
}

Task<void> MirrorRun::work() {
  try {
    const auto begun = co_await run_blocking(catalog_thread_, [this] {
      // Nobody else has the catalog open: leases are those of a process that is gone.
      images_.take_back_all(std::nullopt, clock_.now());
      const auto id = images_.source(destination_.text(), kSourceType);
      return std::pair(id, images_.begin_poll(id, clock_.now()));
    });
    const auto [source, poll] = begun;
    if (options_.dry_run) {
      co_await feed(source, poll, nullptr);
      waiting_hosts_ =
          co_await run_blocking(catalog_thread_, [this, poll] { return images_.waiting_hosts(poll, kShownHosts); });
    } else {
      co_await mirror(source, poll);
    }
    co_await run_blocking(catalog_thread_, [this, &begun] { images_.end_poll(begun.second, clock_.now()); });
  } catch (...) {
    failure_ = std::current_exception();
  }
  finished_wakeup_->notify();
}

Task<std::unique_ptr<Executor>> MirrorRun::make_executor() {
  if (route_) {
    LambdaExecutorOptions target{
        .bucket = destination_.bucket, .key_prefix = destination_.prefix, .per_host = options_.per_host};
    co_return co_await route_->open(std::move(target), options_.job.timeout);
  }
  const auto policy = options_.allow_private_network ? AddressPolicy::private_too : AddressPolicy::public_only;
  InProcessExecutorOptions options{
      .workers = options_.threads == 0 ? std::max(1U, std::thread::hardware_concurrency()) : options_.threads,
      .per_host = options_.per_host,
      .fetch_options = [this, policy] { return web_options(environment_, policy); },
      .make_store = [this](const auto& worker) { return stores_->make(worker); }};
  co_return std::make_unique<InProcessExecutor>(std::move(options), resolver_, budget_, clock_);
}

Task<void> MirrorRun::mirror(SourceId source, PollId poll) {
  const auto executor = co_await make_executor();
  Ingest ingest({.executor = loop_.get_executor(),
                 .catalog_thread = catalog_thread_,
                 .images = images_,
                 .function = *executor,
                 .listener = *this,
                 .clock = clock_,
                 .random = system_random(),
                 .log = log_},
                queue_of(poll), options_.job,
                {.concurrency = concurrency_, .per_host = options_.per_host, .retries = options_.retries});
  ingest_ = &ingest;
  if (stopping_) ingest.stop();
  co_await (feed(source, poll, &ingest) && run_ingest(ingest));
  ingest_ = nullptr;
}

/// Reads the lists; what fails there ends the ingest too, which must be over before this run's objects go.
Task<void> MirrorRun::feed(SourceId source, PollId poll, Ingest* ingest) {
  try {
    co_await feed_.run(source, poll, [ingest] {
      if (ingest != nullptr) ingest->intake_added();
    });
    lists_ended_ = !stopping_;
  } catch (...) {
    failure_ = std::current_exception();
    if (ingest != nullptr) ingest->cancel();
  }
  if (ingest != nullptr) ingest->intake_ended();
}

Task<void> MirrorRun::run_ingest(Ingest& ingest) {
  try {
    co_await ingest.run();
  } catch (...) {
    failure_ = std::current_exception();
    stopping_ = true;
    feed_.stop();
  }
}

Task<void> MirrorRun::show_progress() {
  const auto interval = is_terminal_ ? kTerminalInterval : kPipeInterval;
  while (!co_await finished_wakeup_->wait(clock_.steady_now() + interval)) {
    if (!options_.no_progress) show_line();
  }
  if (is_terminal_ && !options_.no_progress) fmt::print(stderr, "\r\x1b[K");
}

void MirrorRun::show_line() {
  const auto line = progress_.line({.tally = tally_,
                                    .total_is_known = lists_ended_,
                                    .in_flight = ingest_ == nullptr ? 0 : ingest_->in_flight(),
                                    .sent_bytes = route_ ? tally_.stored_bytes() : uploads_.sent_bytes()},
                                   clock_.steady_now());
  if (is_terminal_) {
    fmt::print(stderr, "\r{}\x1b[K", line);
    std::fflush(stderr);
  } else {
    fmt::print(stderr, "{}\n", line);
  }
}

/// The first signal lets what is under way end, for a while; the second ends the process as it is, which the catalog
/// and the stores are made to survive.
void MirrorRun::await_signal() {
  signals_.async_wait([this](const boost::system::error_code& error, int) {
    if (error) return;
    if (stopping_) std::_Exit(1);
    begin_stop();
    await_signal();
  });
}

void MirrorRun::begin_stop() {
  stopping_ = true;
  log_->info("stopping: what is under way may take {} s more; once more to stop at once", kGrace.count());
  feed_.stop();
  if (ingest_ == nullptr) return;
  ingest_->stop();
  grace_.expires_after(kGrace);
  grace_.async_wait([this](const boost::system::error_code& error) {
    if (!error && ingest_ != nullptr) ingest_->cancel();
  });
}

void MirrorRun::on_image(const ImageReport& report) {
  tally_.count(report);
  if (report.failure) {
    log_->debug("{}: {}: {}", report.url, to_string(report.failure->kind), report.failure->message);
  }
  if (report_) report_->write(report);
}

int MirrorRun::finish() {
  const std::chrono::duration<double> took = clock_.steady_now() - started_;
  if (options_.json) {
    fmt::print("{}\n", summary_json(tally_, took));
  } else if (options_.dry_run) {
    fmt::print("{}", dry_run_table(tally_, waiting_hosts_, destination_.text()));
  } else {
    fmt::print("{}", summary_table(tally_, took, destination_.text()));
  }
  std::fflush(stdout);
  if (report_) report_->close();
  if (failure_) std::rethrow_exception(failure_);
  const bool is_done = tally_.failed() == 0 && !stopping_;
  return is_done ? 0 : 1;
}

}  // namespace

Command add_mirror_command(CLI::App& program, const aws::Environment& environment) {
  auto* flags = program.add_subcommand("mirror", "Copy the images of lists once; run again to go on");
  auto options = std::make_shared<MirrorOptions>();
  add_mirror_flags(*flags, *options);
  return {flags, [options, &environment] {
            // One thread does nearly all of the work then: what the others would keep for themselves is better shared.
            if (options->via.is_used()) mallopt(M_ARENA_MAX, 1);
            return MirrorRun(*options, environment).run();
          }};
}

}  // namespace creel

#include "cli/backend_parts.h"

#include <algorithm>
#include <array>
#include <fcntl.h>
#include <random>
#include <thread>
#include <unistd.h>

#include <fmt/format.h>

#include "base/file_descriptor.h"
#include "cli/data_folder.h"
#include "cli/open_files.h"
#include "cli/process_environment.h"

namespace creel {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kSqlite = "sqlite:";
constexpr auto kDatabasePatience = 60s;
/// For a stop that another backend on the same database was asked for.
constexpr auto kSharedRenewal = 1s;
constexpr auto kDatabasePause = 2s;
CatalogAdvice advice() {
  return {.choose_another = "choose another database.url or --data"};
}

std::chrono::seconds whole_seconds(std::chrono::milliseconds time) {
  return std::chrono::ceil<std::chrono::seconds>(time);
}

/// What the limit on open files allows of the transfers that were asked for.
std::size_t possible_transfers(const ServeConfig& config) {
  const auto& ingest = config.ingest;
  const auto wanted = ingest.via.empty() ? ingest.concurrency : ingest.in_flight;
  return std::min(wanted, transfers_within(raise_open_file_limit()));
}

AddressPolicy policy_of(const ServeConfig& config) {
  return config.sources.allow_private_network ? AddressPolicy::private_too : AddressPolicy::public_only;
}

}  // namespace

Log make_log(const ServeConfig::Logging& logging) {
  return make_log(logging.format, logging.level,
                  LogOutput{.stream = logging.output,
                            .file = logging.file,
                            .max_file_bytes = logging.rotate_bytes,
                            .kept_files = logging.rotate_files});
}

StoresOptions stores_options(const ServeConfig& config, const aws::Environment& environment) {
  const auto& store = config.store;
  aws::S3Options s3;
  s3.connect_timeout = store.connect_timeout;
  s3.socket_timeout = store.socket_timeout;
  s3.request_timeout = store.request_timeout;
  s3.execution_timeout = store.timeout;
  s3.retry.max_attempts = static_cast<int>(store.attempts);
  return {.destination = parse_destination(config.store_to()),
          .aws = {.profile = store.profile, .region = store.region, .endpoint_url = store.endpoint_url},
          .s3 = s3,
          .proxies = proxies_from(environment),
          .concurrency = possible_transfers(config),
          .user_agent = user_agent()};
}

LambdaRouteOptions route_options(const ServeConfig& config) {
  LambdaRouteOptions route;
  if (config.ingest.via.empty()) return route;
  parse_via(config.ingest.via, route);
  route.endpoint_url = config.ingest.lambda_endpoint_url;
  route.region = config.store.region;
  route.profile = config.store.profile;
  route.batch = config.ingest.batch;
  route.in_flight = possible_transfers(config);
  route.function_timeout = config.ingest.function_timeout;
  return route;
}

std::string bucket_for_function(const Destination& destination) {
  return destination.is_bucket() ? destination.bucket : "creel-store-folder-is-not-set";
}

JobOptions job_options(const ServeConfig& config) {
  JobOptions job;
  job.key_mode = config.store.key_mode;
  job.if_exists = config.store.if_exists;
  job.opt_outs = config.ingest.ignore_opt_out ? OptOuts::ignore : OptOuts::obey;
  job.max_bytes = config.ingest.max_bytes;
  job.accept_types = config.ingest.accept;
  job.timeout = config.ingest.timeout;
  return job;
}

IngestOptions ingest_options(const ServeConfig& config, std::string owner) {
  const auto& ingest = config.ingest;
  IngestOptions options;
  options.life = IngestLife::until_stopped;
  options.owner = std::move(owner);
  options.concurrency = ingest.via.empty() ? possible_transfers(config)
                                           : std::max(ingest.concurrency, ingest.batch * possible_transfers(config));
  options.per_host = ingest.per_host;
  options.retries = static_cast<int>(ingest.retries);
  options.lease = whole_seconds(ingest.lease);
  // A host may be away for hours; nobody waits at a terminal.
  options.backoff = {.base = 5s, .cap = 1h};
  return options;
}

SchedulerOptions scheduler_options(const ServeConfig& config, std::string owner, bool is_shared) {
  const auto& sources = config.sources;
  SchedulerOptions options;
  options.owner = std::move(owner);
  options.lease = whole_seconds(sources.lease);
  if (is_shared) options.renewal = kSharedRenewal;
  options.concurrency = sources.concurrency;
  options.shortest_interval = whole_seconds(sources.shortest_interval);
  options.longest_wait = whole_seconds(sources.longest_wait);
  options.per_host = sources.per_host;
  options.rate_limited_wait = whole_seconds(sources.rate_limited_wait);
  return options;
}

SourceKindsOptions source_kinds_options(const ServeConfig& config) {
  SourceKindsOptions options{
      .jq_program_path = "/proc/self/exe", .presets = config.sources.presets, .fallback_secrets = {}};
  auto client_id = config.sources.imgur_client_id;
  if (client_id.empty() && !config.sources.imgur_client_id_file.empty()) {
    client_id = read_secret_text(config.sources.imgur_client_id_file);
  }
  for (const auto& folder : config.sources.list_folders) options.list_folders.emplace_back(folder);
  // Whoever has the data folder's token is who runs this program, and may read what it can.
  options.is_for_itself = !config.has_auth() && config.server.public_url.empty();
  if (options.list_folders.empty() && options.is_for_itself) {
    options.list_folders.emplace_back("/");
    options.closed_list_folders = {"/proc", "/sys", "/dev", config.server.data};
  }
  if (!client_id.empty()) options.fallback_secrets.emplace("imgur.client_id", std::move(client_id));
  return options;
}

HttpClientOptions web_options(const ServeConfig& config, const aws::Environment& environment) {
  auto options = peer_options(environment);
  options.address_policy = policy_of(config);
  return options;
}

HttpClientOptions peer_options(const aws::Environment& environment) {
  HttpClientOptions options;
  options.user_agent = user_agent();
  options.address_policy = AddressPolicy::any;
  options.proxies = proxies_from(environment);
  options.ca_file = ca_file_from(environment);
  return options;
}

std::unique_ptr<Catalog> open_catalog(const ServeConfig& config) {
  const auto url = config.database_url().reveal();
  if (url.starts_with(kSqlite)) {
    const auto file = url.substr(kSqlite.size());
    // Sources have secrets: what SQLite makes beside the file has the file's rights.
    const FileDescriptor made(::open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    return Catalog::open_sqlite(file, advice());
  }
  return Catalog::open_postgresql(url, advice());
}

std::unique_ptr<Catalog> open_catalog(const ServeConfig& config, const Log& log) {
  const auto give_up_at = std::chrono::steady_clock::now() + kDatabasePatience;
  for (;;) {
    try {
      return open_catalog(config);
    } catch (const CatalogUnavailable& away) {
      if (std::chrono::steady_clock::now() >= give_up_at) throw;
      log->warn("waiting for the database: {}", away.what());
    }
    std::this_thread::sleep_for(kDatabasePause);
  }
}

std::string unique_owner() {
  std::array<char, 256> host{};
  ::gethostname(host.data(), host.size() - 1);
  std::random_device device;
  return fmt::format("{}-{}-{:08x}", host.data(), ::getpid(), device());
}

Task<StoreOutcome> CountingExecutor::execute(StoreRequest request) {
  struct Count {
    explicit Count(std::atomic<std::size_t>& counter) : number(counter) {
      number.fetch_add(1, std::memory_order_relaxed);
    }
    ~Count() { number.fetch_sub(1, std::memory_order_relaxed); }
    std::atomic<std::size_t>& number;
  };
  const Count count(in_flight_);
  auto work = inner_->execute(std::move(request));
  co_return co_await std::move(work);
}

}  // namespace creel

#include "cli/demo_run.h"

#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>
#include <fmt/format.h>

#include "base/failure.h"
#include "base/units.h"
#include "cli/access_token.h"
#include "cli/backend.h"
#include "cli/demo_driver.h"
#include "cli/demo_folder.h"
#include "cli/demo_summary.h"
#include "cli/open_files.h"
#include "cli/own_function.h"
#include "demo/emulated_function.h"
#include "demo/site_server.h"
#include "emulator/keeper.h"
#include "net/event_loop.h"

namespace creel {
namespace asio = boost::asio;
namespace fs = std::filesystem;
namespace {

using namespace std::chrono_literals;

/// Between polls of a source.
constexpr std::chrono::seconds kInterval{3};
/// The same where each is polled once.
constexpr std::chrono::seconds kOnceInterval{24 * 3600};
/// Few, so that a batch does not keep many pictures waiting for a slow one.
constexpr std::size_t kBatch = 4;
constexpr std::size_t kInFlight = 8;

/// What the backend sees of its surroundings: nothing of the user's. All that it talks to is on this machine.
aws::Environment own_environment() {
  return {.variable = [](std::string_view name) -> std::optional<std::string> {
            if (name == "AWS_ACCESS_KEY_ID" || name == "AWS_SECRET_ACCESS_KEY") return "demo";
            if (name == "AWS_REGION") return "us-east-1";
            return std::nullopt;
          },
          .home = {}};
}

bool is_free(const ListenAddress& listen) {
  asio::io_context loop;
  const asio::ip::tcp::endpoint endpoint(asio::ip::make_address(listen.address), listen.port);
  asio::ip::tcp::acceptor acceptor(loop);
  boost::system::error_code error;
  acceptor.open(endpoint.protocol(), error);
  acceptor.set_option(asio::socket_base::reuse_address(true), error);
  acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  return error != asio::error::address_in_use;
}

/// The demonstration from its start to its end. Threads: one, on which it starts the others.
class DemoRun {
 public:
  DemoRun(const DemoOptions& options, std::span<const WebFile> page)
      : options_(options),
        page_(page),
        pace_(options.once ? demo::Pace::all_at_once : demo::Pace::as_time_goes_by),
        listen_(parse_listen(options.listen)),
        folder_(checked_folder()),
        config_(make_config()) {}
  ~DemoRun() { close_sites(); }
  DemoRun(const DemoRun&) = delete;
  DemoRun& operator=(const DemoRun&) = delete;

  int run();

 private:
  fs::path checked_folder() const;
  ServeConfig make_config() const;
  void say(const std::string& text) const;
  void pack_function();
  void open_sites();
  void close_sites();
  void choose_port();
  void run_backend();
  void introduce() const;
  void show_link(const std::string& url) const;
  int conclude(std::chrono::duration<double> took) const;

  const DemoOptions& options_;
  const std::span<const WebFile> page_;
  const demo::Pace pace_;
  ListenAddress listen_;
  const SystemClock clock_;
  const aws::Environment environment_ = own_environment();
  // Before anything that has a thread.
  emulator::Keeper keeper_;
  const DemoFolder folder_;
  ServeConfig config_;
  std::size_t zip_bytes_ = 0;

  const std::vector<demo::Site> exhibition_ = demo::exhibition();
  EventLoop sites_loop_;
  std::vector<std::unique_ptr<demo::SiteServer>> servers_;
  std::vector<demo::OpenSite> sites_;
  std::optional<demo::EmulatedFunction> function_;
  std::optional<std::vector<demo::SeenImage>> images_;
};

fs::path DemoRun::checked_folder() const {
  if (!listen_.is_loopback) {
    throw Failure(FailureKind::bad_request,
                  fmt::format("--listen {}: others could reach that, and the demonstration is for this machine alone: "
                              "name a port of 127.0.0.1",
                              options_.listen));
  }
  return options_.data;
}

ServeConfig DemoRun::make_config() const {
  ServeConfig config;
  config.server.data = folder_.path();
  config.server.stop_grace = 3s;
  config.store.to = folder_.images().string();
  // Once more: what is busy comes then, and what is broken stays so.
  config.ingest.retries = 1;
  config.ingest.timeout = 10s;
  config.ingest.via = fmt::format("lambda:{}", demo::kFunctionName);
  config.ingest.batch = kBatch;
  config.ingest.in_flight = kInFlight;
  config.ingest.function_timeout = demo::EmulatedFunction::kTimeout;
  config.sources.allow_private_network = true;
  config.sources.shortest_interval = 1s;
  config.log.file = folder_.log();
  return config;
}

void DemoRun::say(const std::string& text) const {
  if (options_.json) return;
  fmt::print("{}\n", text);
  std::fflush(stdout);
}

int DemoRun::run() {
  const auto started = clock_.steady_now();
  raise_open_file_limit();
  say("The whole of creel on this machine, with sites of its own:");
  pack_function();
  open_sites();
  function_.emplace(demo::EmulatedFunctionOptions{.zip = folder_.zip(),
                                                  .store_folder = folder_.images(),
                                                  .log_file = folder_.function_log(),
                                                  .concurrency = kInFlight},
                    keeper_, clock_, make_log(LogFormat::text, "warn"));
  introduce();
  choose_port();
  run_backend();
  function_.reset();
  if (options_.once) return conclude(clock_.steady_now() - started);
  say(fmt::format("\nStopped. The pictures are in {}; the next demonstration there begins afresh.",
                  folder_.images().string()));
  return 0;
}

void DemoRun::pack_function() {
  const auto zip = deploy::make_package(own_function()).zip;
  std::ofstream file(folder_.zip(), std::ios::binary);
  file << zip;
  file.close();
  if (!file) throw Failure(FailureKind::bad_request, fmt::format("'{}' cannot be written", folder_.zip().string()));
  zip_bytes_ = zip.size();
}

void DemoRun::open_sites() {
  const auto open = [this] {
    for (const auto& site : exhibition_) {
      servers_.push_back(std::make_unique<demo::SiteServer>(sites_loop_.executor(), site, clock_, pace_));
      servers_.back()->open();
      sites_.push_back({.site = &site, .base = servers_.back()->base()});
    }
  };
  asio::post(sites_loop_.executor(), asio::use_future(open)).get();
}

void DemoRun::close_sites() {
  const auto close = [](std::vector<std::unique_ptr<demo::SiteServer>>& servers) -> Task<void> {
    for (auto& server : servers) co_await server->close();
    servers.clear();
  };
  try {
    asio::co_spawn(sites_loop_.executor(), close(servers_), asio::use_future).get();
  } catch (const std::exception& error) {
    // They end with their loop.
    fmt::print(stderr, "creel: a sample site did not close: {}\n", error.what());
  }
  sites_loop_.stop();
}

void DemoRun::choose_port() {
  config_.server.listen = options_.listen;
  if (listen_.port == 0 || is_free(listen_)) return;
  say(fmt::format("\n{} is in use: the page is at another port.", options_.listen));
  const bool is_v6 = listen_.address.find(':') != std::string::npos;
  config_.server.listen = fmt::format("{}{}{}:0", is_v6 ? "[" : "", listen_.address, is_v6 ? "]" : "");
}

void DemoRun::introduce() const {
  for (const auto& open : sites_) {
    say(fmt::format("  {:<8}  {:<22} {}", demo::to_string(open.site->kind), open.site->source, open.base));
  }
  say(fmt::format("  {:<8}  {:<22} {} ({} zipped)", "function", demo::kFunctionName, function_->url(),
                  format_bytes(zip_bytes_)));
  say(fmt::format("  {:<8}  {}", "folder", folder_.path().string()));
}

void DemoRun::show_link(const std::string& url) const {
  std::size_t pictures = 0;
  std::size_t broken = 0;
  for (const auto& site : exhibition_) {
    pictures += site.pictures.size();
    for (const auto& picture : site.pictures) broken += demo::expected_failure(picture.manners) ? 1 : 0;
  }
  if (options_.once) {
    say(fmt::format("\nMirroring {} pictures through the function, {} of them broken.\n", pictures, broken));
    return;
  }
  const auto token = make_access_token(config_, Scope::write, kLinkLife, clock_.now());
  say(
      fmt::format("\n{} pictures come in over the first minute; {} are broken, to show what is made of that.\n"
                  "Ctrl-C ends it.\n\nOpen {}/#token={}",
                  pictures, broken, url, token.reveal()));
}

void DemoRun::run_backend() {
  config_.ingest.lambda_endpoint_url = function_->url();
  std::mutex mutex;
  Backend* running = nullptr;  // guarded by the mutex
  std::string url;
  DemoDriver driver({.sites = sites_,
                     .environment = environment_,
                     .clock = clock_,
                     .on_added = [&] { show_link(url); },
                     .stop_backend =
                         [&] {
                           const std::lock_guard lock(mutex);
                           if (running != nullptr) running->stop();
                         }},
                    {.interval = options_.once ? kOnceInterval : kInterval, .waits = options_.once});
  const auto on_listening = [&](const std::string& at) {
    url = at;
    driver.start({.base = Url::parse(at), .token = make_access_token(config_, Scope::write, kLinkLife, clock_.now())});
  };
  const auto set_running = [&](Backend* backend) {
    const std::lock_guard lock(mutex);
    running = backend;
  };
  std::exception_ptr failure;
  {
    Backend backend(config_, environment_, on_listening, page_);
    set_running(&backend);
    try {
      backend.run();
    } catch (...) {
      failure = std::current_exception();
    }
    set_running(nullptr);
  }
  if (failure) std::rethrow_exception(failure);
  driver.finish();
  images_ = driver.images();
}

int DemoRun::conclude(std::chrono::duration<double> took) const {
  if (!images_) {
    fmt::print(stderr, "creel: stopped before every picture had its fate\n");
    return 1;
  }
  const auto verdict = demo::judge(sites_, *images_, [this](const std::string& key) -> std::optional<std::string> {
    std::ifstream file(folder_.images() / key, std::ios::binary);
    if (!file) return std::nullopt;
    return std::string(std::istreambuf_iterator<char>(file), {});
  });
  fmt::print("{}", options_.json ? demo_json(verdict, took) + "\n" : demo_text(verdict, took));
  return verdict.is_right() ? 0 : 1;
}

}  // namespace

int run_demo(const DemoOptions& options, std::span<const WebFile> page) {
  return DemoRun(options, page).run();
}

}  // namespace creel

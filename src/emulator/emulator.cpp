#include "emulator/emulator.h"

#include <fstream>
#include <sstream>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <fmt/format.h>

#include "base/failure.h"
#include "emulator/handler_names.h"
#include "emulator/service_error.h"
#include "emulator/uuid.h"

namespace creel::emulator {
namespace asio = boost::asio;
namespace fs = std::filesystem;
namespace {

using namespace std::chrono_literals;

/// What connections have to take the last answers.
constexpr auto kStopGrace = 500ms;

std::string read_zip_file(const fs::path& path) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) {
    throw Failure(FailureKind::bad_request, "it is a folder: make a zip of it, for example with `creel package`");
  }
  std::ifstream file(path, std::ios::binary);
  std::ostringstream bytes;
  if (file) bytes << file.rdbuf();
  if (!file || !bytes) throw Failure(FailureKind::bad_request, "it cannot be read: is it there?");
  return std::move(bytes).str();
}

InvokeParts invoke_parts(const asio::any_io_executor& executor, Invoker& invoker, EventQueue& queue, Faults& faults,
                         const Clock& clock) {
  return {.executor = executor, .invoker = invoker, .queue = queue, .faults = faults, .clock = clock};
}

EnvironmentSettings with_region(EnvironmentSettings settings, const std::string& region) {
  settings.region = region;
  return settings;
}

/// Names the file in what went wrong with it.
[[noreturn]] void refuse_zip(const fs::path& zip, const Failure& failure) {
  throw Failure(FailureKind::bad_request, fmt::format("{}: {}", zip.string(), failure.what()));
}

void check_bootstrap(const fs::path& zip, const FunctionCode& code, const Log& log) {
  const auto bootstrap = code.folder / "bootstrap";
  if (!fs::is_regular_file(bootstrap)) {
    throw Failure(
        FailureKind::bad_request,
        fmt::format("{} has no file 'bootstrap' at its top, which is what a function with a runtime of its own "
                    "is started by; 'creel package' makes such a zip",
                    zip.string()));
  }
  if (::access(bootstrap.c_str(), X_OK) != 0) {
    log->warn("{}: 'bootstrap' is not executable, so that the function cannot be started; chmod it, and zip it again",
              zip.string());
  }
}

}  // namespace

Emulator::Emulator(asio::any_io_executor executor, EmulatorOptions options, const Clock& clock,
                   const FunctionLog& function_log, const Log& log)
    : executor_(executor),
      options_(std::move(options)),
      clock_(clock),
      log_(log),
      registry_(options_.region, clock),
      pool_(executor, registry_, clock, function_log, with_region(options_.environments, options_.region),
            {.concurrency = options_.concurrency}),
      invoker_(executor, registry_, pool_),
      queue_(executor, invoker_, clock, log, options_.events),
      faults_(options_.faults),
      invoke_api_(invoke_parts(executor, invoker_, queue_, faults_, clock)),
      url_api_(invoke_parts(executor, invoker_, queue_, faults_, clock)),
      control_plane_({.executor = executor,
                      .registry = registry_,
                      .code = code_,
                      .clock = clock,
                      .log = log,
                      .base_url = [this] { return base_url(); },
                      .state_delay = options_.state_delay,
                      .fetch_object = options_.fetch_object}),
      server_(executor, [this](HttpCall& call) { return handle(call); },
              {.max_header_bytes = 1UL << 20,
               .on_error = [log](std::string_view what) { log->error("a request failed: {}", what); }}),
      watcher_(executor,
               [this](const fs::path& zip) {
                 ++reloading_;
                 asio::co_spawn(executor_, reload(zip), [this](const std::exception_ptr&) {
                   --reloading_;
                   reloaded_->notify();
                 });
               }),
      reloaded_(std::make_shared<Wakeup>(executor)) {}

Emulator::~Emulator() = default;

std::string Emulator::base_url() const {
  return local_url(options_.address, server_.port());
}

Task<void> Emulator::start() {
  if (const auto* keeper = options_.environments.keeper) keeper->add_folder(code_.folder());
  // First the port, so that one that is taken is noticed before zips are unpacked.
  server_.listen(options_.address, options_.port);
  for (const auto& source : options_.functions) co_await add(source);
}

Task<void> Emulator::add(FunctionSource source) {
  if (registry_.find(source.name) != nullptr) {
    throw Failure(FailureKind::bad_request,
                  fmt::format("there are two functions of the name '{}'; --name gives one another", source.name));
  }
  std::shared_ptr<const FunctionCode> code;
  try {
    code = co_await code_.add(read_zip_file(source.zip));
  } catch (const Failure& failure) {
    refuse_zip(source.zip, failure);
  }
  check_bootstrap(source.zip, *code, log_);
  const auto names = co_await handler_names(executor_, code->folder, options_.environments.first_user);
  if (source.configuration.handler.empty()) source.configuration.handler = names.empty() ? "bootstrap" : names.front();
  auto& function = registry_.add(source.name, {.configuration = source.configuration, .code = code});
  function.reserved_concurrency = source.reserved_concurrency;
  function.tags = source.tags;
  function.handler_names = names;
  const FunctionUrlConfig url{
      .invoke_mode = source.url_invoke_mode, .created = clock_.now(), .last_modified = clock_.now()};
  function.urls.emplace("", url);
  if (!source.alias.empty()) {
    const auto& version = registry_.publish(function);
    function.aliases.emplace(source.alias, FunctionAlias{.name = source.alias,
                                                         .version = version.version,
                                                         .revision_id = FunctionRegistry::new_revision_id()});
    function.urls.emplace(source.alias, url);
  }
  watcher_.add(source.zip);
}

/// Puts the zip's new code into $LATEST of its functions; what is wrong with it leaves the old code in place.
Task<void> Emulator::reload(fs::path zip) {
  for (const auto& source : options_.functions) {
    if (source.zip != zip) continue;
    try {
      const auto code = co_await code_.add(read_zip_file(zip));
      check_bootstrap(zip, *code, log_);
      auto* function = registry_.find(source.name);
      if (function == nullptr || function->latest.deployment->code->sha256_base64 == code->sha256_base64) continue;
      registry_.set_latest(*function, {.configuration = function->latest.deployment->configuration, .code = code});
      log_->info("{}: new code from {}", source.name, zip.string());
    } catch (const Failure& failure) {
      log_->warn("{}: {} has changed and cannot be used, the code stays what it was: {}", source.name, zip.string(),
                 failure.what());
    }
  }
}

Task<HttpReply> Emulator::handle(HttpCall& call) {
  const auto request_id = new_uuid();
  HttpReply reply;
  try {
    reply = co_await route(call, request_id);
  } catch (const ServiceError& error) {
    reply = to_reply(error);
  }
  reply.headers.add("x-amzn-RequestId", request_id);
  co_return reply;
}

Task<HttpReply> Emulator::route(HttpCall& call, std::string request_id) {
  const auto path = call.path();
  if (InvokeApi::is_for(path)) return invoke_api_.handle(call, std::move(request_id));
  auto target = url_target(call.header("Host"), path);
  if (!target.function.empty()) return url_api_.handle(call, std::move(target), std::move(request_id));
  return control_plane_.handle(call);
}

Task<void> Emulator::stop() {
  while (reloading_ > 0) co_await reloaded_->wait();
  queue_.close();
  co_await pool_.stop();
  co_await queue_.stop();
  co_await server_.stop(std::chrono::steady_clock::now() + kStopGrace);
}

}  // namespace creel::emulator

#include "cli/emulate_command.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/units.h"
#include "cli/bucket_code.h"
#include "cli/emulate_options.h"
#include "cli/open_files.h"
#include "emulator/emulator.h"
#include "emulator/keeper.h"

namespace creel {
namespace asio = boost::asio;
namespace {

/// Functions run as users of their own, from this one on, where we may choose.
constexpr std::uint32_t kFirstUser = 50'000;

std::string region_of(const EmulateOptions& options, const aws::Environment& environment) {
  if (!options.region.empty()) return options.region;
  for (const auto* name : {"AWS_REGION", "AWS_DEFAULT_REGION"}) {
    if (const auto value = environment.find(name)) return *value;
  }
  return "us-east-1";
}

/// What the user's own programs would call AWS with; else words that no service takes.
emulator::FunctionCredentials credentials_of(const aws::Environment& environment) {
  const auto key = environment.find("AWS_ACCESS_KEY_ID");
  const auto secret = environment.find("AWS_SECRET_ACCESS_KEY");
  if (!key || !secret) return {};
  return {.access_key_id = *key,
          .secret_access_key = *secret,
          .session_token = environment.find("AWS_SESSION_TOKEN").value_or("")};
}

/// The emulator from its start to Ctrl-C. Threads: the main loop.
class EmulateRun {
 public:
  EmulateRun(const EmulateOptions& options, const aws::Environment& environment)
      : options_(options),
        function_log_(options.quiet ? -1 : STDERR_FILENO),
        log_(make_log(LogFormat::text, "info")),
        emulator_(loop_.get_executor(), emulator_options(environment), clock_, function_log_, log_) {}

  int run() {
    await_signal();
    asio::co_spawn(loop_, work(), [this](const std::exception_ptr& failure) {
      failure_ = failure;
      if (failure) begin_stop();
    });
    loop_.run();
    if (failure_) std::rethrow_exception(failure_);
    return 0;
  }

 private:
  emulator::EmulatorOptions emulator_options(const aws::Environment& environment) {
    emulator::EmulatorOptions made{.address = options_.address,
                                   .port = options_.port,
                                   .region = region_of(options_, environment),
                                   .functions = function_sources(options_),
                                   .concurrency = options_.concurrency};
    made.environments.credentials = credentials_of(environment);
    made.environments.freezing = options_.freeze ? emulator::Freezing::between_invocations : emulator::Freezing::off;
    made.environments.max_concurrency = options_.per_environment;
    made.environments.init_timeout = options_.init_timeout;
    if (::geteuid() == 0) made.environments.first_user = kFirstUser;
    made.environments.keeper = &keeper_;
    made.events = {.retry_delay = options_.event_retry_delay, .dead_letter_file = options_.dead_letter};
    made.faults = options_.faults;
    made.state_delay = options_.state_delay;
    if (!options_.s3_endpoint_url.empty()) {
      bucket_code_.emplace(loop_.get_executor(), options_.s3_endpoint_url, made.region, environment, clock_, log_);
      made.fetch_object = [this](std::string bucket, std::string key) {
        return bucket_code_->fetch(std::move(bucket), std::move(key));
      };
    }
    return made;
  }

  Task<void> work() {
    co_await emulator_.start();
    tell();
  }

  void tell() {
    const auto url = emulator_.base_url();
    fmt::print("AWS Lambda is emulated at {}\n", url);
    for (const auto* function : emulator_.registry().all()) {
      const auto& configuration = function->latest.deployment->configuration;
      fmt::print("  {}: handler {}, {} MB, {} s\n", function->name, configuration.handler, configuration.memory_mb,
                 std::chrono::duration<double>(configuration.timeout).count());
      if (!function->handler_names.empty()) {
        fmt::print("    handlers in the zip: {}\n", fmt::join(function->handler_names, ", "));
      }
      fmt::print("    creel invoke {} --endpoint-url {} --payload '{{}}'\n", function->name, url);
      fmt::print("    curl {}/lambda-url/{}/\n", url, function->name);
    }
    std::fflush(stdout);
  }

  /// The first signal ends all there is; the second leaves that to the keeper.
  void await_signal() {
    signals_.async_wait([this](const boost::system::error_code& error, int) {
      if (error) return;
      if (is_stopping_) std::_Exit(1);
      begin_stop();
      await_signal();
    });
  }

  void begin_stop() {
    if (std::exchange(is_stopping_, true)) return;
    asio::co_spawn(loop_, emulator_.stop(), [this](const std::exception_ptr& failure) {
      if (!failure_) failure_ = failure;
      loop_.stop();
    });
  }

  const EmulateOptions& options_;
  const SystemClock clock_;
  // Before anything that has a thread.
  emulator::Keeper keeper_;
  const emulator::FunctionLog function_log_;
  const Log log_;
  asio::io_context loop_{1};
  asio::signal_set signals_{loop_, SIGINT, SIGTERM};
  std::optional<BucketCode> bucket_code_;
  emulator::Emulator emulator_;
  bool is_stopping_ = false;
  std::exception_ptr failure_;
};

}  // namespace

Command add_emulate_command(CLI::App& program, const aws::Environment& environment) {
  auto* flags = program.add_subcommand("emulate", "Run AWS Lambda on this machine, with the functions of zips");
  auto options = std::make_shared<EmulateOptions>();
  add_emulate_flags(*flags, *options);
  return {flags, [options, &environment] {
            raise_open_file_limit();
            return EmulateRun(*options, environment).run();
          }};
}

}  // namespace creel

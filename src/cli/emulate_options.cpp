#include "cli/emulate_options.h"

#include <algorithm>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/failure.h"
#include "base/units.h"
#include "cli/flags.h"
#include "deploy/deploy_config.h"
#include "emulator/function_reference.h"
#include "emulator/service_error.h"

namespace creel {
namespace {

constexpr std::uint64_t kMegabyte = 1UL << 20;
constexpr std::uint64_t kLeastMemory = 1;
constexpr std::uint64_t kMostMemory = 10'240;
constexpr std::chrono::minutes kLongestTimeout{15};

void add_variable(EmulateOptions& options, const std::string& text) {
  const auto equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    throw Failure(FailureKind::bad_request, fmt::format("'{}' is no variable: write it like NAME=value", text));
  }
  options.environment[text.substr(0, equals)] = text.substr(equals + 1);
}

void set_memory(EmulateOptions& options, const std::string& text) {
  options.memory_bytes = parse_bytes(text);
  const auto megabytes = options.memory_bytes / kMegabyte;
  if (megabytes < kLeastMemory || megabytes > kMostMemory) {
    throw Failure(FailureKind::bad_request, fmt::format("a function has {} to {} MiB", kLeastMemory, kMostMemory));
  }
}

void set_timeout(EmulateOptions& options, const std::string& text) {
  options.timeout = parse_duration(text);
  if (options.timeout.count() == 0 || options.timeout > kLongestTimeout) {
    throw Failure(FailureKind::bad_request, "a function has more than 0 and at most 15m");
  }
}

void add_function_flags(CLI::App& command, EmulateOptions& options) {
  constexpr const char* kGroup = "Functions";
  command.add_option("ZIP", options.zips, "Function zips, each with a file 'bootstrap' at its top")->type_name("");
  command.add_option("--config", options.config, "Functions from the [[function]] tables of this file (creel.toml)")
      ->type_name("FILE")
      ->group(kGroup);
  command.add_option("--name", options.name, "Name of the function; else that of the zip without its ending")
      ->type_name("NAME")
      ->group(kGroup);
  command.add_option("--handler", options.handler, "Handler, as in _HANDLER; else the first that the program names")
      ->type_name("NAME")
      ->group(kGroup);
  add_parsed(command, "--memory", "SIZE", "256MiB", "Memory of the function; above it the process is killed",
             [&options](const auto& text) { set_memory(options, text); })
      ->group(kGroup);
  add_parsed(command, "--timeout", "DURATION", "30s", "Longest that an invocation may take, at most 15m",
             [&options](const auto& text) { set_timeout(options, text); })
      ->group(kGroup);
  command
      .add_option_function<std::vector<std::string>>(
          "--env",
          [&options](const std::vector<std::string>& texts) {
            try {
              for (const auto& text : texts) add_variable(options, text);
            } catch (const Failure& failure) {
              throw CLI::ValidationError("--env", failure.what());
            }
          },
          "A variable of the function's environment; may be given again and again")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false)
      ->group(kGroup);
}

void add_service_flags(CLI::App& command, EmulateOptions& options) {
  constexpr const char* kGroup = "Service";
  command.add_option("--port", options.port, "Port to listen on; 0 for any that is free")
      ->capture_default_str()
      ->group(kGroup);
  command.add_option("--address", options.address, "Address to listen on")->capture_default_str()->group(kGroup);
  command.add_option("--region", options.region, "Region that ARNs name; else AWS_REGION, else us-east-1")
      ->group(kGroup);
  command.add_option("--concurrency", options.concurrency, "Invocations at one time, of all functions; more get 429")
      ->capture_default_str()
      ->check(CLI::Range(std::size_t{1}, std::size_t{100'000}))
      ->group(kGroup);
  command
      .add_option("--max-concurrency-per-environment", options.per_environment,
                  "Invocations that one process may have at a time (AWS_LAMBDA_MAX_CONCURRENCY)")
      ->capture_default_str()
      ->check(CLI::Range(std::size_t{1}, std::size_t{1'000}))
      ->group(kGroup);
  command.add_flag("--freeze", options.freeze, "Stop the processes between invocations, as the service does")
      ->group(kGroup);
  add_duration(command, "--init-timeout", options.init_timeout, "10s", "Longest that a start may take")->group(kGroup);
  add_duration(command, "--event-retry-delay", options.event_retry_delay, "1m",
               "Wait before the first retry of an event, twice that before the second")
      ->group(kGroup);
  command
      .add_option("--dead-letter", options.dead_letter, "File for events that failed for good, one JSON object a line")
      ->type_name("FILE")
      ->group(kGroup);
  add_duration(command, "--state-delay", options.state_delay, "200ms",
               "How long a function that was made or changed over the API is Pending or InProgress")
      ->group(kGroup);
  command
      .add_option("--s3-endpoint-url", options.s3_endpoint_url,
                  "The S3 store that has the zips which callers name as S3Bucket and S3Key")
      ->type_name("URL")
      ->check(is_web_address)
      ->group(kGroup);
  command.add_flag("--quiet", options.quiet, "Do not show the functions' logs")->group(kGroup);
}

void add_fault_flags(CLI::App& command, EmulateOptions& options) {
  command
      .add_option_function<std::vector<std::string>>(
          "--fault",
          [&options](const std::vector<std::string>& texts) {
            try {
              for (const auto& text : texts) emulator::add_fault(options.faults, text);
            } catch (const Failure& failure) {
              throw CLI::ValidationError("--fault", failure.what());
            }
          },
          "What is to go wrong, for tests: cold-start, throttle, kill-response, duplicate (each alone, or =N for "
          "every\n"
          "Nth invocation), delay=TIME; may be given again and again")
      ->type_name("FAULT")
      ->allow_extra_args(false)
      ->group("Faults");
}

emulator::FunctionSource source_of(const EmulateOptions& options, const std::filesystem::path& zip) {
  emulator::FunctionSource source{.name = options.name.empty() ? function_name_of(zip) : options.name, .zip = zip};
  source.configuration.handler = options.handler;
  source.configuration.timeout = options.timeout;
  source.configuration.memory_mb = static_cast<int>(options.memory_bytes / kMegabyte);
  source.configuration.environment = options.environment;
  return source;
}

emulator::FunctionSource source_of(const EmulateOptions& options, const deploy::DesiredFunction& wanted) {
  emulator::FunctionSource source{.name = wanted.name, .zip = wanted.zip, .alias = wanted.alias};
  auto& configuration = source.configuration;
  configuration.handler = wanted.handler;
  configuration.runtime = wanted.runtime;
  configuration.architecture = wanted.architecture;
  configuration.description = wanted.description.value_or("");
  configuration.memory_mb = wanted.memory_mb;
  configuration.timeout = std::chrono::seconds(wanted.timeout_seconds);
  configuration.environment = wanted.environment;
  for (const auto& [name, value] : options.environment) configuration.environment[name] = value;
  if (wanted.ephemeral_storage_mb) configuration.ephemeral_storage_mb = *wanted.ephemeral_storage_mb;
  if (wanted.tags) source.tags = *wanted.tags;
  if (wanted.reserved_concurrency) {
    if (const auto* number = std::get_if<int>(&*wanted.reserved_concurrency)) {
      source.reserved_concurrency = static_cast<std::size_t>(*number);
    }
  }
  if (wanted.url) {
    const auto* url = std::get_if<deploy::WantedUrl>(&*wanted.url);
    if (url != nullptr && url->mode == deploy::WantedUrl::Mode::response_stream)
      source.url_invoke_mode = "RESPONSE_STREAM";
  }
  return source;
}

}  // namespace

std::string function_name_of(const std::filesystem::path& zip) {
  auto name = zip.stem().string();
  for (auto& c : name) {
    const bool is_allowed =
        (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
    if (!is_allowed) c = '-';
  }
  return name;
}

void add_emulate_flags(CLI::App& command, EmulateOptions& options) {
  add_function_flags(command, options);
  add_service_flags(command, options);
  add_fault_flags(command, options);
}

std::vector<emulator::FunctionSource> function_sources(const EmulateOptions& options) {
  if (!options.name.empty() && options.zips.size() != 1) {
    throw Failure(FailureKind::bad_request, "--name is for one zip; give each an emulator of its own, or use --config");
  }
  std::vector<emulator::FunctionSource> sources;
  for (const auto& zip : options.zips) sources.push_back(source_of(options, zip));
  if (!options.config.empty()) {
    for (const auto& wanted : deploy::load_deploy_config(options.config).functions) {
      sources.push_back(source_of(options, wanted));
    }
  }
  for (const auto& source : sources) {
    try {
      const auto reference = emulator::parse_function_reference(source.name);
      if (reference.name == source.name) continue;
    } catch (const emulator::ServiceError&) {
    }
    throw Failure(FailureKind::bad_request,
                  fmt::format("'{}' is no name for a function: up to 64 letters, digits, - and _", source.name));
  }
  return sources;
}

}  // namespace creel

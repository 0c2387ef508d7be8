#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "emulator/emulator.h"

namespace CLI {
class App;
}

namespace creel {

/// What `creel emulate` was asked for. The values here are the flags' defaults.
struct EmulateOptions {
  std::vector<std::filesystem::path> zips;
  std::string name;
  std::string config;
  std::string handler;
  std::uint64_t memory_bytes = 256UL << 20;
  std::chrono::milliseconds timeout{30'000};
  std::map<std::string, std::string> environment;

  std::string address = "127.0.0.1";
  std::uint16_t port = 9000;
  std::string region;
  std::size_t concurrency = 1000;
  std::size_t per_environment = 1;
  bool freeze = false;
  std::chrono::milliseconds init_timeout{10'000};

  std::chrono::milliseconds event_retry_delay{60'000};
  std::string dead_letter;
  std::chrono::milliseconds state_delay{200};
  std::string s3_endpoint_url;
  emulator::FaultPlan faults;

  bool quiet = false;
};

/// Declares the flags of `creel emulate`; `options` is filled in when the command line is parsed, and must outlive it.
void add_emulate_flags(CLI::App& command, EmulateOptions& options);

/// The functions of the command line and of the configuration file.
/// @throws Failure bad_request  none, a name twice or one that cannot be, a file that cannot be read
std::vector<emulator::FunctionSource> function_sources(const EmulateOptions& options);

/// The name that a zip gives its function: that of the file without its ending, with "-" for what a name may not hold.
std::string function_name_of(const std::filesystem::path& zip);

}  // namespace creel

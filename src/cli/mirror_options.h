#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "aws/s3_options.h"
#include "base/log.h"
#include "cli/lambda_route.h"
#include "ingest/job_options.h"
#include "sources/image_list.h"

namespace CLI {
class App;
}

namespace creel {

/// What `creel mirror` was asked for. The values here are the flags' defaults.
struct MirrorOptions {
  std::vector<std::string> inputs;
  std::optional<ListFormat> format;

  std::string destination;
  std::string endpoint_url;
  std::string region;
  std::string profile;

  /// Time-outs and tries of the bucket.
  aws::S3Options s3;

  /// Not used: the images are fetched by this process. Its region and profile are those above.
  LambdaRouteOptions via;

  JobOptions job;
  /// Through Lambda, if it is not set, as many as its batches carry.
  std::size_t concurrency = 256;
  std::size_t per_host = 32;
  int retries = 5;
  std::uint64_t memory_bytes = 256ULL * 1024 * 1024;
  std::size_t threads = 0;
  bool allow_private_network = false;

  /// The catalog of the job; chosen by the destination if empty.
  std::filesystem::path state;
  std::string report;
  bool json = false;
  bool no_progress = false;
  bool dry_run = false;

  LogFormat log_format = LogFormat::text;
  std::string log_level = "info";
};

/// Declares the flags of `creel mirror`; `options` is filled in when the command line is parsed, and must outlive it.
void add_mirror_flags(CLI::App& command, MirrorOptions& options);

/// The arguments with a `--retry-failed` that names no kind told apart from one that is followed by an input.
std::vector<std::string> normalised_arguments(int count, const char* const* arguments);

}  // namespace creel

#include "cli/mirror_options.h"

#include <functional>
#include <thread>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/byte_budget.h"
#include "base/text.h"
#include "base/units.h"
#include "cli/flags.h"
#include "net/http_headers.h"

namespace creel {
namespace {

constexpr const char* kRetryFailed = "--retry-failed";
constexpr const char* kAllKinds = "all";

std::pair<std::string, std::string> parse_header(const std::string& text) {
  const auto colon = text.find(':');
  if (colon == std::string::npos) {
    throw CLI::ValidationError("--header",
                               fmt::format("'{}' is no header: write it like 'Referer: https://a.example/'", text));
  }
  std::pair<std::string, std::string> header(trim(std::string_view(text).substr(0, colon)),
                                             trim(std::string_view(text).substr(colon + 1)));
  try {
    check_user_header(header.first, header.second);
  } catch (const Failure& failure) {
    throw CLI::ValidationError("--header", failure.what());
  }
  return header;
}

/// Says what is wrong with a type of images: "image/png", "image/*".
std::string is_content_type(const std::string& text) {
  const auto slash = text.find('/');
  const bool has_both = text == "*" || (slash != std::string::npos && slash > 0 && slash + 1 < text.size());
  const bool is_one = text.find_first_of(", ;") == std::string::npos;
  return has_both && is_one ? "" : fmt::format("'{}' is no type: write it like image/png or image/*", text);
}

RetryFailed parse_retry_failed(const std::string& text) {
  if (text == kAllKinds) return {.all = true};
  const auto kind = failure_kind(text);
  if (!kind) {
    std::string names;
    for (const auto known : all_failure_kinds()) names += fmt::format(" {}", to_string(known));
    throw Failure(FailureKind::bad_request, fmt::format("'{}' is no kind of failure; the kinds are{}", text, names));
  }
  return {.all = false, .kind = kind};
}

void add_input_flags(CLI::App& command, MirrorOptions& options) {
  command
      .add_option("INPUT", options.inputs,
                  "Lists of image URLs: files (one URL a line, .csv, .jsonl; gzipped or not), '-' for standard input,\n"
                  "or the http(s) URL of a list")
      ->required()
      ->type_name("");
  add_parsed(command, "--format", "urls|csv|jsonl", "", "Format of the lists; else by the ending of their names",
             [&options](const std::string& text) {
               options.format = list_format(text);
               if (!options.format) {
                 throw Failure(FailureKind::bad_request, fmt::format("'{}' is none of urls, csv, jsonl", text));
               }
             })
      ->group("Input");
}

void add_destination_flags(CLI::App& command, MirrorOptions& options) {
  constexpr const char* kGroup = "Destination";
  command.add_option("--to", options.destination, "Where the images go: a folder, or s3://bucket/prefix")
      ->required()
      ->type_name("DEST")
      ->group(kGroup);
  command.add_option("--endpoint-url", options.endpoint_url, "Address of an S3-compatible store other than AWS")
      ->check(is_web_address)
      ->type_name("URL")
      ->group(kGroup);
  command.add_option("--region", options.region, "Region of the bucket; else as the AWS tools find it")->group(kGroup);
  command.add_option("--profile", options.profile, "Profile in the AWS configuration files")->group(kGroup);
  add_choice<KeyMode>(command, "--key-mode", options.job.key_mode,
                      {{"named", KeyMode::named}, {"content", KeyMode::content}},
                      "Keys after names, or after the bytes (equal images are stored once)")
      ->group(kGroup);
  add_parsed(command, "--folder", "PATH", "", "Folder for the images whose line names none",
             [&options](const std::string& text) {
               check_folder(text);
               options.job.folder = text;
             })
      ->group(kGroup);
  add_choice<IfExists>(command, "--if-exists", options.job.if_exists,
                       {{"overwrite", IfExists::overwrite}, {"skip", IfExists::skip}},
                       "What to do when the key is taken already")
      ->group(kGroup);
}

void add_store_flags(CLI::App& command, MirrorOptions& options) {
  constexpr const char* kGroup = "Patience with a bucket";
  auto& s3 = options.s3;
  add_duration(command, "--store-connect-timeout", s3.connect_timeout, "5s", "Making a connection")->group(kGroup);
  add_duration(command, "--store-socket-timeout", s3.socket_timeout, "20s", "No byte moves")->group(kGroup);
  add_duration(command, "--store-request-timeout", s3.request_timeout, "2m", "One try of one request")->group(kGroup);
  add_duration(command, "--store-timeout", s3.execution_timeout, "5m", "All tries of one request, waits included")
      ->group(kGroup);
  command.add_option("--store-attempts", s3.retry.max_attempts, "Tries of one request, the first included")
      ->check(CLI::Range(1, 100))
      ->capture_default_str()
      ->group(kGroup);
}

void add_fetch_flags(CLI::App& command, MirrorOptions& options) {
  constexpr const char* kGroup = "Fetching";
  add_parsed(command, "--timeout", "DURATION", "60s", "Whole transfer of one image from the web",
             [&options](const std::string& text) {
               options.job.timeout = parse_duration(text);
               if (options.job.timeout.count() == 0) throw Failure(FailureKind::bad_request, "it must be more than 0");
             })
      ->group(kGroup);
  command.add_option("--retries", options.retries, "Further tries of failures that may pass")
      ->check(CLI::Range(0, 100))
      ->capture_default_str()
      ->group(kGroup);
  add_parsed(command, "--max-bytes", "SIZE", "64MiB", "Larger images are refused", [&options](const std::string& text) {
    options.job.max_bytes = parse_bytes(text);
    if (options.job.max_bytes == 0) throw Failure(FailureKind::bad_request, "it must be more than 0");
  })->group(kGroup);
  command
      .add_option_function<std::vector<std::string>>(
          "--header",
          [&options](const std::vector<std::string>& lines) {
            for (const auto& line : lines) options.job.headers.push_back(parse_header(line));
          },
          "Header to send with every fetch; may be given again")
      ->type_name("'NAME: VALUE'")
      ->take_all()
      ->allow_extra_args(false)
      ->group(kGroup);
  command.add_option("--accept", options.job.accept_types, "Types of images to keep, as image/png; may be given again")
      ->check(is_content_type)
      ->type_name("TYPE")
      ->default_str("image/*")
      ->take_all()
      ->allow_extra_args(false)
      ->group(kGroup);
  command
      .add_flag_callback(
          "--ignore-opt-out", [&options] { options.job.opt_outs = OptOuts::ignore; },
          "Store images whose server asks in X-Robots-Tag to leave them alone")
      ->group(kGroup);
  command
      .add_flag("--allow-private-network", options.allow_private_network,
                "Fetch from loopback and private addresses too")
      ->group(kGroup);
}

void add_speed_flags(CLI::App& command, MirrorOptions& options) {
  constexpr const char* kGroup = "Speed and memory";
  const auto* concurrency = command
                                .add_option("--concurrency", options.concurrency,
                                            "Images under way at a time; with --via, --batch x --in-flight")
                                ->check(CLI::Range(std::size_t{1}, std::size_t{100'000}))
                                ->capture_default_str()
                                ->group(kGroup);
  command.parse_complete_callback([concurrency, &options] {
    if (options.via.is_used() && concurrency->count() == 0)
      options.concurrency = options.via.batch * options.via.in_flight;
  });
  command.add_option("--per-host", options.per_host, "Connections to one host at a time")
      ->check(CLI::Range(std::size_t{1}, std::size_t{100'000}))
      ->capture_default_str()
      ->group(kGroup);
  add_parsed(command, "--memory", "SIZE", "256MiB", "Memory for image bytes, at least 16MiB",
             [&options](const std::string& text) {
               options.memory_bytes = parse_bytes(text);
               if (options.memory_bytes < ByteBudget::kSmallestCapacity) {
                 throw Failure(FailureKind::bad_request, fmt::format("'{}' is less than 16MiB", text));
               }
             })
      ->group(kGroup);
  command.add_option("--threads", options.threads, "Event loops that transfer images")
      ->check(CLI::Range(std::size_t{1}, std::size_t{256}))
      ->default_str("cores")
      ->group(kGroup);
}

void add_lambda_flags(CLI::App& command, MirrorOptions& options) {
  constexpr const char* kGroup = "Through AWS Lambda";
  auto& via = options.via;
  add_parsed(
      command, "--via", "lambda:NAME[:ALIAS]", "",
      "Fetch and store through the function fetch-store-image, deployed under this name; the bucket's endpoint,\n"
      "credentials and memory are then those of the function's own environment",
      [&via](const std::string& text) { parse_via(text, via); })
      ->group(kGroup);
  command
      .add_option("--lambda-endpoint-url", via.endpoint_url,
                  "Where Lambda is, if not at AWS: http://localhost:9000 for `creel emulate`")
      ->check(is_web_address)
      ->type_name("URL")
      ->group(kGroup);
  command.add_option("--batch", via.batch, "Images that one invocation carries")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1'000}))
      ->capture_default_str()
      ->group(kGroup);
  command.add_option("--in-flight", via.in_flight, "Invocations under way at a time")
      ->check(CLI::Range(std::size_t{1}, std::size_t{10'000}))
      ->capture_default_str()
      ->group(kGroup);
  add_duration(command, "--function-timeout", via.function_timeout, "as Lambda says", "When an invocation is ended")
      ->group(kGroup);
}

void add_job_flags(CLI::App& command, MirrorOptions& options) {
  constexpr const char* kGroup = "Progress and repetition";
  command
      .add_option("--state", options.state,
                  "File that remembers what is done; by default one a destination in ./creel-data/")
      ->type_name("PATH")
      ->group(kGroup);
  add_parsed(command, kRetryFailed, "[KIND]", "",
             "Try again what failed for good in an earlier run: all of it, or one kind",
             [&options](const std::string& text) { options.job.retry_failed = parse_retry_failed(text); })
      ->expected(0, 1)
      ->group(kGroup);
  command.add_option("--report", options.report, "Write a JSON line for every image")
      ->type_name("FILE.jsonl")
      ->group(kGroup);
  command.add_flag("--json", options.json, "Print the summary as one JSON object")->group(kGroup);
  command.add_flag("--no-progress", options.no_progress, "Print no progress")->group(kGroup);
  command.add_flag("--dry-run", options.dry_run, "Read the lists and say what would be done; fetch nothing")
      ->group(kGroup);
  add_choice<LogFormat>(command, "--log-format", options.log_format,
                        {{"text", LogFormat::text}, {"json", LogFormat::json}}, "Form of the log on standard error")
      ->group(kGroup);
  command.add_option("--log-level", options.log_level, "Least level that is logged")
      ->check(CLI::IsMember({"trace", "debug", "info", "warn", "error", "off"}))
      ->capture_default_str()
      ->group(kGroup);
}

}  // namespace

void add_mirror_flags(CLI::App& command, MirrorOptions& options) {
  add_input_flags(command, options);
  add_destination_flags(command, options);
  add_store_flags(command, options);
  add_fetch_flags(command, options);
  add_lambda_flags(command, options);
  add_speed_flags(command, options);
  add_job_flags(command, options);
}

std::vector<std::string> normalised_arguments(int count, const char* const* arguments) {
  std::vector<std::string> normalised(arguments, arguments + count);
  for (std::size_t i = 0; i < normalised.size(); ++i) {
    if (normalised[i] != kRetryFailed) continue;
    const bool has_kind = i + 1 < normalised.size() && failure_kind(normalised[i + 1]);
    normalised[i] += "=" + (has_kind ? normalised[i + 1] : std::string(kAllKinds));
    if (has_kind) normalised.erase(normalised.begin() + static_cast<std::ptrdiff_t>(i) + 1);
  }
  return normalised;
}

}  // namespace creel

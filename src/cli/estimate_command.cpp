#include "cli/estimate_command.h"

#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "aws/settings.h"
#include "base/units.h"
#include "cli/estimate.h"
#include "cli/flags.h"

namespace creel {
namespace {

constexpr std::uint64_t kMebibyte = 1024 * 1024;
constexpr std::uint64_t kLeastMemory = 128 * kMebibyte;
constexpr std::uint64_t kMostMemory = 10'240 * kMebibyte;

struct EstimateOptions {
  EstimateInput input;
  std::string region;
  bool json = false;
};

/// @throws Failure bad_request  the table does not have the region
LambdaPrices prices_of(const std::string& region) {
  if (const auto prices = lambda_prices(region)) return *prices;
  std::string known;
  for (const auto& prices : lambda_prices()) known += fmt::format(" {}", prices.region);
  throw Failure(FailureKind::bad_request,
                fmt::format("there are no prices of the region '{}' here; name one of{}", region, known));
}

void add_job_flags(CLI::App& command, EstimateInput& input) {
  command.add_option("--images", input.images, "Images of the job")
      ->required()
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000'000'000}));
  add_parsed(command, "--mean-size", "SIZE", "90KB", "Mean size of an image", [&input](const std::string& text) {
    input.mean_bytes = parse_bytes(text);
    if (input.mean_bytes == 0) throw Failure(FailureKind::bad_request, "it must be more than 0");
  });
  add_duration(command, "--latency", input.latency, "300ms", "Until an origin begins to answer, in the mean");
  add_duration(command, "--store-latency", input.store_latency, "30ms", "The same for a put into the bucket");
}

void add_function_flags(CLI::App& command, EstimateOptions& options) {
  auto& input = options.input;
  add_parsed(command, "--memory", "SIZE", "256MiB", "Memory of the function", [&input](const std::string& text) {
    input.memory_bytes = parse_bytes(text);
    if (input.memory_bytes < kLeastMemory || input.memory_bytes > kMostMemory) {
      throw Failure(FailureKind::bad_request, fmt::format("'{}' is not from 128MiB to 10240MiB", text));
    }
  });
  add_choice<Architecture>(command, "--architecture", input.architecture,
                           {{"x86_64", Architecture::x86_64}, {"arm64", Architecture::arm64}}, "Of the function");
  command.add_option("--batch", input.batch, "Images that one invocation carries")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1'000}))
      ->capture_default_str();
  command.add_option("--in-flight", input.in_flight, "Invocations under way at a time")
      ->check(CLI::Range(std::size_t{1}, std::size_t{10'000}))
      ->capture_default_str();
  command.add_option("--region", options.region, "Whose prices to take; else as the AWS tools find it");
  command.add_flag("--json", options.json, "Print one JSON object");
}

int run(const EstimateOptions& options, const aws::Environment& environment) {
  auto input = options.input;
  const aws::AwsFlags flags{.profile = "", .region = options.region, .endpoint_url = ""};
  input.prices = prices_of(aws::find_settings(flags, environment).region);
  const auto single = estimate(input, 1);
  const auto batched = estimate(input, input.batch);
  if (options.json) {
    fmt::print("{}\n", estimate_json(input, single, batched));
  } else {
    fmt::print("{}", estimate_table(input, single, batched));
  }
  return 0;
}

}  // namespace

Command add_estimate_command(CLI::App& program, const aws::Environment& environment) {
  auto* flags = program.add_subcommand(
      "estimate", "Say what a job through AWS Lambda takes and costs, image by image and in batches");
  auto options = std::make_shared<EstimateOptions>();
  add_job_flags(*flags, options->input);
  add_function_flags(*flags, *options);
  flags->footer(
      "Lambda bills the time that a function waits, so images that are fetched at once in one invocation cost a part "
      "of it\n"
      "each. A batch takes as long as its slowest image; with latencies spread exponentially around their mean:\n"
      "  invocations = images / batch\n"
      "  duration    = latency x (1 + 1/2 + ... + 1/batch) x turns + store latency + batch x (work + transfer)\n"
      "  GB-seconds  = invocations x duration x memory / 1 GiB\n"
      "Turns are more than one for batches above 256, or above what the function's memory holds. Work is 0.3 ms and 4 "
      "ms a MB of a whole processor, of which a function has one for each 1,769 MiB; transfer is "
      "in\n"
      "and out at 75 MB a second.\n\n"
      "  creel estimate --images 1000000 --mean-size 120KB --latency 400ms --batch 64");
  return {flags, [options, &environment] { return run(*options, environment); }};
}

}  // namespace creel

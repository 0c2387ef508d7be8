#include "cli/package_command.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/failure.h"
#include "base/units.h"
#include "cli/flags.h"
#include "cli/own_function.h"
#include "deploy/function_package.h"
#include "deploy/preflight.h"

namespace creel {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

struct PackageFlags {
  std::string bootstrap;
  std::vector<std::string> include;
  std::string output = "creel-function.zip";
  std::string check;
  deploy::PreflightOptions preflight;
  bool force = false;
  bool json = false;
  /// The flags that say how a zip is made.
  std::vector<CLI::Option*> making{};
};

/// What is told of a zip.
struct PackageResult {
  std::string file;
  std::string zip;
  deploy::PreflightReport report;
  bool is_written = true;
};

std::string file_content(const std::string& path) {
  std::error_code failed;
  if (fs::is_directory(path, failed)) {
    throw Failure(FailureKind::bad_request, fmt::format("'{}' is a folder: name the zip that is to be checked", path));
  }
  std::ifstream file(path, std::ios::binary);
  std::string content{std::istreambuf_iterator<char>(file), {}};
  if (!file) throw Failure(FailureKind::bad_request, fmt::format("'{}' cannot be read", path));
  return content;
}

/// Writes a file in one step: what was there stays until all of the new one is.
void write_file(const std::string& path, const std::string& content) {
  const auto unfinished = fmt::format("{}.{}.unfinished", path, ::getpid());
  std::ofstream file(unfinished, std::ios::binary | std::ios::trunc);
  file << content;
  file.close();
  std::error_code failed;
  if (file) fs::rename(unfinished, path, failed);
  if (file && !failed) return;
  fs::remove(unfinished, failed);
  throw Failure(FailureKind::internal, fmt::format("'{}' cannot be written", path));
}

void print_findings(const std::string& file, const std::vector<deploy::Finding>& findings) {
  for (const auto& finding : findings) {
    fmt::print(stderr, "{}: {} {}\n", to_string(finding.severity), finding.file.empty() ? file : finding.file,
               finding.message);
  }
}

std::uint64_t unpacked_bytes(const std::string& zip) {
  try {
    return ZipReader::from_bytes(zip, {.max_unpacked_bytes = UINT64_MAX}).unpacked_bytes();
  } catch (const Failure&) {
    return 0;
  }
}

std::string text_of(const PackageFlags& flags, const PackageResult& result) {
  const auto architecture = result.report.architecture ? to_string(*result.report.architecture) : "any";
  return fmt::format(
      "{}{}\n"
      "  size          {} bytes ({}), {} bytes unzipped\n"
      "  CodeSha256    {}\n"
      "  architecture  {}\n"
      "  runtime       {}\n",
      result.file, result.is_written ? "" : " (not written)", result.zip.size(), format_bytes(result.zip.size()),
      unpacked_bytes(result.zip), deploy::code_sha256(result.zip), architecture, flags.preflight.runtime->name);
}

std::string json_of(const PackageFlags& flags, const PackageResult& result) {
  json::array findings;
  for (const auto& finding : result.report.findings) {
    findings.push_back({{"severity", to_string(finding.severity)},
                        {"check", finding.check},
                        {"file", finding.file},
                        {"message", finding.message}});
  }
  const json::value architecture =
      result.report.architecture ? json::value(to_string(*result.report.architecture)) : json::value();
  return json::serialize(json::value{{"file", result.file},
                                     {"written", result.is_written},
                                     {"size", result.zip.size()},
                                     {"unzipped-size", unpacked_bytes(result.zip)},
                                     {"code-sha256", deploy::code_sha256(result.zip)},
                                     {"architecture", architecture},
                                     {"runtime", flags.preflight.runtime->name},
                                     {"findings", findings}});
}

void print_result(const PackageFlags& flags, const PackageResult& result) {
  if (!flags.json) print_findings(result.file, result.report.findings);
  fmt::print("{}", flags.json ? json_of(flags, result) + "\n" : text_of(flags, result));
}

int check(const PackageFlags& flags) {
  for (const auto* option : flags.making) {
    if (option->count() == 0) continue;
    throw Failure(FailureKind::bad_request, fmt::format("--check makes no zip: leave {} out", option->get_name()));
  }
  auto zip = file_content(flags.check);
  auto report = deploy::preflight_zip(zip, flags.preflight);
  print_result(flags, {.file = flags.check, .zip = std::move(zip), .report = report});
  return report.has_errors() ? 1 : 0;
}

int package(const PackageFlags& flags) {
  auto options = flags.bootstrap.empty() ? own_function() : deploy::PackageOptions{.bootstrap = flags.bootstrap};
  for (const auto& text : flags.include) options.include.push_back(deploy::parse_inclusion(text));
  auto made = deploy::make_package(options);
  if (made.made_executable) {
    fmt::print(stderr, "note: {} is not executable; in the zip it is\n", options.bootstrap.string());
  }
  const auto report = deploy::preflight_zip(made.zip, flags.preflight);
  const bool is_written = flags.force || !report.has_errors();
  if (is_written) write_file(flags.output, made.zip);
  print_result(flags, {.file = flags.output, .zip = std::move(made.zip), .report = report, .is_written = is_written});
  if (!is_written && !flags.json) {
    fmt::print(stderr, "creel: nothing was written, since it would not run on {}; --force writes it all the same\n",
               flags.preflight.runtime->name);
  }
  return is_written ? 0 : 1;
}

void add_flags(CLI::App& command, PackageFlags& flags) {
  auto* bootstrap =
      command.add_option("--bootstrap", flags.bootstrap,
                         "The program or script that the function begins with; creel's own function if not given");
  bootstrap->type_name("FILE");
  auto* include =
      command.add_option("--include", flags.include,
                         "Adds a file or a folder, under its own name or NAME; may be given several times.\n"
                         "Shared libraries go into lib/: --include libfoo.so.1:lib/");
  include->type_name("PATH[:NAME]")->allow_extra_args(false);
  auto* output = command.add_option("-o,--output", flags.output, "Where the zip goes");
  output->type_name("FILE")->capture_default_str();
  auto* force = command.add_flag("--force", flags.force, "Write the zip even if the check finds errors in it");
  auto* check = command.add_option("--check", flags.check, "Check a zip that is there already, and make none");
  check->type_name("ZIP");
  flags.making = {bootstrap, include, output, force};

  add_parsed(command, "--architecture", "x86_64|arm64", "",
             "What the function runs on; if not given, what bootstrap is built for", [&flags](const std::string& text) {
               flags.preflight.architecture = deploy::architecture(text);
               if (!flags.preflight.architecture) {
                 throw Failure(FailureKind::bad_request, fmt::format("'{}' is none of x86_64, arm64", text));
               }
             });
  add_parsed(command, "--runtime", "provided.al2023|provided.al2", "provided.al2023", "The runtime to check for",
             [&flags](const std::string& text) {
               flags.preflight.runtime = deploy::find_runtime(text);
               if (flags.preflight.runtime == nullptr) {
                 throw Failure(FailureKind::bad_request,
                               fmt::format("'{}' is none of provided.al2023, provided.al2", text));
               }
             });
  command.add_flag("--json", flags.json, "Print the result and the findings as JSON");
}

}  // namespace

Command add_package_command(CLI::App& program, const aws::Environment&) {
  auto* command =
      program.add_subcommand("package", "Make the zip of a Lambda function, and check that it will run there");
  command->footer(
      "The same content gives the same zip, byte for byte, wherever and whenever it is made, so that its\n"
      "CodeSha256 tells whether what is deployed is what was built.\n\n"
      "  creel package                                       creel's own function\n"
      "  creel package --bootstrap build/my-function -o f.zip  anybody's\n"
      "  creel package --check f.zip                         only look\n");
  auto flags = std::make_shared<PackageFlags>();
  add_flags(*command, *flags);
  return {command, [flags] { return flags->check.empty() ? package(*flags) : check(*flags); }};
}

}  // namespace creel

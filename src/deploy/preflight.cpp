#include "deploy/preflight.h"

#include <fmt/format.h>

#include "base/failure.h"
#include "base/text.h"
#include "base/units.h"
#include "deploy/elf_checks.h"

namespace creel::deploy {
namespace {

constexpr std::string_view kBootstrap = "bootstrap";
constexpr std::string_view kTaskRoot = "/var/task/";
constexpr std::string_view kLayerRoot = "/opt/";
constexpr std::size_t kScriptHeadBytes = 1024;
constexpr unsigned kAnyoneReads = 0444;
constexpr unsigned kAnyoneRuns = 0111;
/// Far more than the service takes, so that the size is a finding like others.
constexpr ZipLimits kReadLimits{.max_unpacked_bytes = 4'000'000'000, .max_items = 1'000'000};

void check_sizes(const ZipReader& zip, std::uint64_t zip_bytes, std::vector<Finding>& findings) {
  if (zip.unpacked_bytes() > kMaxUnzippedBytes) {
    findings.push_back({Severity::error, "size", "",
                        fmt::format("unzipped it has {} bytes; Lambda takes {} at most: strip the programs, and leave "
                                    "out what the function does not need",
                                    zip.unpacked_bytes(), kMaxUnzippedBytes)});
  }
  if (zip_bytes > kMaxDirectUploadBytes) {
    findings.push_back({Severity::warning, "size", "",
                        fmt::format("zipped it has {} bytes, more than the {} that can be uploaded directly: it must "
                                    "go through an S3 bucket",
                                    zip_bytes, kMaxDirectUploadBytes)});
  }
}

void check_names(const ZipReader& zip, std::vector<Finding>& findings) {
  for (const auto& item : zip.items()) {
    if (item.name.find('\\') != std::string::npos) {
      findings.push_back({Severity::warning, "name", item.name,
                          "has a backslash in its name, which separates no folders on Linux: zip it again with '/'"});
    }
    const bool is_read = item.name == kBootstrap || (item.mode & kAnyoneReads) == kAnyoneReads;
    if (!is_read && item.type != ZipEntryType::symlink) {
      findings.push_back({Severity::warning, "permissions", item.name,
                          fmt::format("has the mode {:03o}: the function runs as another user, who cannot read it; "
                                      "chmod a+r it and zip it again",
                                      item.mode)});
    }
  }
}

/// Says so when the zip holds the folder of the function instead of what is in it.
std::string where_bootstrap_is(const ZipReader& zip) {
  for (const auto& item : zip.items()) {
    if (item.name.ends_with("/bootstrap") && item.type == ZipEntryType::file) {
      return fmt::format("; there is {}: zip the content of its folder, not the folder", item.name);
    }
  }
  return ": add the program or script that the function begins with, under this name";
}

void check_interpreter(const ZipReader& zip, std::string_view program, const LambdaRuntime& runtime,
                       std::vector<Finding>& findings) {
  const auto add = [&](Severity severity, std::string message) {
    findings.push_back({severity, "interpreter", std::string(kBootstrap), std::move(message)});
  };
  if (std::ranges::find(runtime.interpreters, program) != runtime.interpreters.end()) return;
  if (program.starts_with(kTaskRoot)) {
    if (zip.find(program.substr(kTaskRoot.size())) != nullptr) return;
    add(Severity::error, fmt::format("is a script for {}, which is not in the zip: add it with --include", program));
  } else if (program.starts_with(kLayerRoot)) {
    add(Severity::warning, fmt::format("is a script for {}: the function needs a layer that brings it", program));
  } else {
    add(Severity::error,
        fmt::format("is a script for {}, which {} does not have: write it for /bin/sh or /bin/bash, or bring the "
                    "interpreter along in the zip or a layer",
                    program, runtime.name));
  }
}

/// "#!/usr/bin/env python3" asks for the latter wherever PATH has it.
std::string interpreter_of(std::string_view line) {
  std::vector<std::string_view> words;
  for (const auto word : split(line, ' ')) {
    if (!trim(word).empty()) words.push_back(trim(word));
  }
  if (words.empty()) return {};
  if (words[0] != "/usr/bin/env" && words[0] != "/bin/env") return std::string(words[0]);
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (words[i].starts_with('-') || words[i].find('=') != std::string_view::npos) continue;
    return words[i].starts_with('/') ? std::string(words[i]) : fmt::format("/usr/bin/{}", words[i]);
  }
  return std::string(words[0]);
}

void check_script(const ZipReader& zip, std::string_view head, const LambdaRuntime& runtime,
                  std::vector<Finding>& findings) {
  const auto add = [&](std::string check, std::string message) {
    findings.push_back({Severity::error, std::move(check), std::string(kBootstrap), std::move(message)});
  };
  if (!head.starts_with("#!")) {
    add("format", "is neither an ELF file nor a script: a script begins with '#!' and its interpreter, '#!/bin/sh'");
    return;
  }
  const auto line = head.substr(2, head.find('\n') - 2);
  if (line.ends_with('\r')) {
    add("format", "has the line ends of Windows, so that its interpreter is not found: convert it (sed -i 's/\\r$//')");
    return;
  }
  const auto program = interpreter_of(line);
  if (!program.starts_with('/')) {
    add("interpreter",
        fmt::format("has '#!{}' as its first line, which names no interpreter: write '#!/bin/sh'", line));
    return;
  }
  check_interpreter(zip, program, runtime, findings);
}

void check_bootstrap(const ZipReader& zip, const PreflightOptions& options, ElfChecks& elves,
                     std::vector<Finding>& findings) {
  const auto add = [&](std::string check, std::string message) {
    findings.push_back({Severity::error, std::move(check), std::string(kBootstrap), std::move(message)});
  };
  const auto* item = zip.find(kBootstrap);
  if (item == nullptr) {
    findings.push_back(
        {Severity::error, "bootstrap", "", fmt::format("the zip has no bootstrap{}", where_bootstrap_is(zip))});
    return;
  }
  if (item->type != ZipEntryType::file) {
    add("bootstrap", "is no file: it must be the program or script itself");
    return;
  }
  if ((item->mode & (kAnyoneRuns | kAnyoneReads)) != (kAnyoneRuns | kAnyoneReads)) {
    add("permissions", fmt::format("has the mode {:03o} and cannot be started: chmod 755 it and zip it again, or let "
                                   "creel package do it",
                                   item->mode));
  }
  const auto head = zip.read_start(*item, kScriptHeadBytes);
  if (!is_elf(head)) {
    check_script(zip, head, *options.runtime, findings);
    return;
  }
  elves.check_program(item->name);
}

std::vector<Finding> errors_first(std::vector<Finding> findings) {
  std::vector<Finding> sorted;
  for (const auto severity : {Severity::error, Severity::warning}) {
    for (auto& finding : findings) {
      if (finding.severity == severity) sorted.push_back(std::move(finding));
    }
  }
  return sorted;
}

}  // namespace

std::string_view to_string(Severity severity) {
  return severity == Severity::error ? "error" : "warning";
}

bool PreflightReport::has_errors() const {
  return std::ranges::any_of(findings, [](const auto& finding) { return finding.severity == Severity::error; });
}

PreflightReport preflight(const ZipReader& zip, std::uint64_t zip_bytes, const PreflightOptions& options) {
  PreflightReport report;
  ElfChecks elves(zip, options, report.findings);
  check_bootstrap(zip, options, elves, report.findings);
  check_sizes(zip, zip_bytes, report.findings);
  check_names(zip, report.findings);
  elves.check_the_rest();
  report.architecture = elves.architecture();
  report.findings = errors_first(std::move(report.findings));
  return report;
}

PreflightReport preflight_zip(std::string_view zip, const PreflightOptions& options) {
  try {
    return preflight(ZipReader::from_bytes(zip, kReadLimits), zip.size(), options);
  } catch (const Failure& failure) {
    return {.architecture = options.architecture,
            .findings = {{Severity::error, "zip", "", fmt::format("cannot be unpacked: {}", failure.what())}}};
  }
}

}  // namespace creel::deploy

#include <cerrno>
#include <cstring>
#include <sys/statvfs.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/units.h"
#include "cli/access_token.h"
#include "cli/data_folder.h"
#include "cli/destination.h"
#include "cli/doctor_checks.h"
#include "cli/open_files.h"

namespace creel {
namespace {

namespace fs = std::filesystem;
using Verdict = Finding::Verdict;

constexpr std::uint64_t kTooLittleSpace = 100'000'000;
constexpr std::uint64_t kLittleSpace = 1'000'000'000;

Finding check_folder(const fs::path& folder) {
  std::error_code error;
  Finding finding{.check = "data folder", .found = fmt::format("{} can be written", folder.string())};
  if (!fs::exists(folder, error)) {
    finding.verdict = Verdict::note;
    finding.found = fmt::format("{} is not there", folder.string());
    finding.advice = "Nothing: creel serve makes it. If one should be there, name it with --data";
  } else if (::access(folder.c_str(), R_OK | W_OK | X_OK) != 0) {
    finding.verdict = Verdict::wrong;
    finding.found = fmt::format("{} cannot be written: {}", folder.string(), std::strerror(errno));
    finding.advice = fmt::format("Give it to the user that runs creel: chown -R USER {}", folder.string());
  }
  return finding;
}

Finding check_space(const std::string& name, const fs::path& folder) {
  Finding finding{.check = fmt::format("disk space: {}", name), .found = {}};
  struct statvfs status{};
  if (::statvfs(nearest_existing(folder).c_str(), &status) != 0) {
    finding.verdict = Verdict::wrong;
    finding.found = fmt::format("{}: {}", folder.string(), std::strerror(errno));
    return finding;
  }
  const auto bytes = static_cast<std::uint64_t>(status.f_bavail) * status.f_frsize;
  finding.found = fmt::format("{} free at {}", format_bytes(bytes), folder.string());
  if (bytes < kLittleSpace) finding.verdict = bytes < kTooLittleSpace ? Verdict::wrong : Verdict::note;
  if (bytes < kLittleSpace) finding.advice = "Make room, or move the folder to a larger disk";
  if (bytes >= kTooLittleSpace && status.f_files > 0 && status.f_favail < 1000) {
    finding.verdict = Verdict::wrong;
    finding.found = fmt::format("{} has no inodes left", folder.string());
    finding.advice = "Remove files, or move the folder to another disk";
  }
  return finding;
}

Finding check_open_files(const ServeConfig& config) {
  const auto limit = raise_open_file_limit();
  const auto wanted = config.ingest.via.empty() ? config.ingest.concurrency : config.ingest.in_flight;
  const auto possible = transfers_within(limit);
  Finding finding{.check = "open files", .found = fmt::format("{} allowed, for {} transfers at a time", limit, wanted)};
  if (possible >= wanted) return finding;
  finding.verdict = Verdict::note;
  finding.found = fmt::format("{} allowed, which is enough for {} of {} transfers", limit, possible, wanted);
  finding.advice = "Raise the limit (LimitNOFILE in the unit, or ulimit -n), or lower ingest.concurrency";
  return finding;
}

Finding check_access(const ServeConfig& config) {
  Finding finding{.check = "access", .found = {}};
  try {
    std::error_code error;
    const bool has_own = !config.has_auth();
    if (has_own && !fs::exists(config.server.data / "secret", error)) {
      finding.found = "nothing is said in [auth]: a secret is made on the first start";
      return finding;
    }
    const auto secret = checking_secret(config);
    finding.found = has_own ? fmt::format("a secret of its own in {}", config.server.data.string())
                            : fmt::format("{}{}{}", secret.empty() ? "" : "a secret",
                                          !secret.empty() && !config.auth.jwks_url.empty() ? ", " : "",
                                          config.auth.jwks_url.empty() ? "" : "keys at " + config.auth.jwks_url);
  } catch (const Failure& failure) {
    return wrong("access", failure, "See docs/guide/tokens.md");
  }
  return finding;
}

}  // namespace

fs::path nearest_existing(fs::path path) {
  std::error_code error;
  while (!path.empty() && !fs::exists(path, error) && path.has_parent_path() && path != path.parent_path()) {
    path = path.parent_path();
  }
  return path.empty() || !fs::exists(path, error) ? "." : path;
}

Findings check_machine(const DoctorParts& parts) {
  const auto& config = parts.config;
  Findings findings{check_folder(config.server.data), check_space("data", config.server.data)};
  const auto destination = parse_destination(config.store_to());
  if (!destination.is_bucket()) findings.push_back(check_space("images", destination.folder));
  findings.push_back(check_open_files(config));
  findings.push_back(check_access(config));
  if (const auto running = find_running(config.server.data)) {
    findings.push_back(
        {.check = "backend", .found = fmt::format("process {} serves at {}", running->pid, running->url)});
  }
  return findings;
}

}  // namespace creel

#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "aws/environment.h"
#include "base/clock.h"
#include "base/failure.h"
#include "base/task.h"
#include "cli/serve_config.h"
#include "net/url.h"

namespace creel {

/// What one look at the set-up came to.
struct Finding {
  enum class Verdict : std::uint8_t {
    good,
    /// It works, and could be better.
    note,
    wrong,
  };

  /// What was looked at: "store: put".
  std::string check;
  Verdict verdict = Verdict::good;
  std::string found;
  /// What to do; empty if nothing is.
  std::string advice{};
};

using Findings = std::vector<Finding>;

/// What the checks work with; all of it must outlive them.
struct DoctorParts {
  const ServeConfig& config;
  const aws::Environment& environment;
  const Clock& clock;
};

// Each looks at one part of the set-up, and never throws for what it finds there. They leave nothing behind.

/// The data folder, the space on the disks, the open files that are allowed, and who may use the API.
Findings check_machine(const DoctorParts& parts);
/// An object is put, put again on the condition that it is not there, got and deleted.
Findings check_store(const DoctorParts& parts);
/// The credentials for a bucket or a function.
Findings check_credentials(const DoctorParts& parts);
/// The function is there, and answers a request that asks for nothing.
Findings check_function(const DoctorParts& parts);
/// This machine's clock against that of the store or the function; of the servers that the sources ask, if there is
/// neither.
Findings check_clock(const DoctorParts& parts);
/// The database: connection, schema, a write. And the sources that it has: their settings and last polls. If a backend
/// has the database for itself, it is asked instead. A backend that runs is also asked whether its images wait.
Findings check_catalog(const DoctorParts& parts);

/// The path, or the nearest one above it that is there.
std::filesystem::path nearest_existing(std::filesystem::path path);

/// A failure as a finding.
Finding wrong(std::string check, const Failure& failure, std::string advice);

/// What a user can do about a poll that failed so.
std::string advice_for_poll(FailureKind kind, const std::string& source);

/// The service at AWS, or in its place, of the function or the store; nothing if the backend needs none.
/// @throws Failure
std::optional<Url> aws_service(const DoctorParts& parts);

/// URLs at the servers that running sources ask, without those that have asked to be left alone.
/// @throws Failure
std::vector<std::string> source_servers(const DoctorParts& parts);

/// How far this machine's clock is ahead of a server's.
struct ClockAnswer {
  std::string server;
  std::chrono::seconds ahead;
};
using ClockAnswers = std::vector<ClockAnswer>;

/// Whose clocks they are: those of a service are right, those of anybody's servers may be wrong themselves.
enum class ClockPeer : std::uint8_t { service, sources };

/// This machine's clock, judged by one answer or more. Of several the one in the middle counts; one of the sources' servers
/// alone proves nothing.
Finding judge_clocks(ClockAnswers answers, ClockPeer peer);

/// For people, and for programs: {"ok", "checks": [{"check", "status", "found", "advice"}]}.
std::string findings_text(const Findings& findings);
std::string findings_json(const Findings& findings);
bool is_well(const Findings& findings);

}  // namespace creel

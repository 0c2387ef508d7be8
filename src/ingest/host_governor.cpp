#include "ingest/host_governor.h"

#include <algorithm>

#include <fmt/format.h>

namespace creel {
namespace {

/// How long after its last pause a host that is not asked any more is remembered.
constexpr std::chrono::minutes kRemembered{2};

/// Nobody was there to answer.
bool is_absence(FailureKind kind) {
  return kind == FailureKind::dns || kind == FailureKind::connect || kind == FailureKind::timeout;
}

/// Failures that tell nothing about the host.
bool is_our_own(FailureKind kind) {
  switch (kind) {
    case FailureKind::store_denied:
    case FailureKind::store_throttled:
    case FailureKind::store_error:
    case FailureKind::function_error:
    case FailureKind::function_timeout:
    case FailureKind::function_throttled:
    case FailureKind::cancelled:
    case FailureKind::internal: return true;
    default: return false;
  }
}

}  // namespace

bool HostGovernor::may_start(const std::string& host, std::size_t active_hosts, std::size_t total_in_flight,
                             SystemTime now) const {
  // While most slots are taken every host keeps to its fair share, so that slow hosts cannot take them all.
  const bool is_crowded = total_in_flight * 4 >= options_.concurrency * 3;
  const auto fair = std::max<std::size_t>(1, options_.concurrency / std::max<std::size_t>(1, active_hosts));
  auto limit = is_crowded ? std::min(options_.per_host, fair) : options_.per_host;

  const auto found = hosts_.find(host);
  if (found == hosts_.end()) return limit > 0;
  const auto& state = found->second;
  if (state.paused_until > now) return false;
  if (state.pauses > 0) limit = 1;
  return state.in_flight < limit;
}

std::optional<Failure> HostGovernor::given_up(const std::string& host, SystemTime now) const {
  const auto found = hosts_.find(host);
  if (found == hosts_.end() || found->second.given_up_until <= now) return std::nullopt;
  return Failure(found->second.reason, found->second.message);
}

std::optional<SystemTime> HostGovernor::given_up_until(const std::string& host, SystemTime now) const {
  const auto found = hosts_.find(host);
  if (found == hosts_.end() || found->second.given_up_until <= now) return std::nullopt;
  return found->second.given_up_until;
}

void HostGovernor::started(const std::string& host) {
  ++hosts_[host].in_flight;
}

std::optional<SystemTime> HostGovernor::finished(const std::string& host, const Failure* failure, SystemTime started_at,
                                                 SystemTime now) {
  if (hosts_.size() > next_tidying_) forget_idle(now);
  auto& state = hosts_[host];
  --state.in_flight;
  if (failure != nullptr && is_our_own(failure->kind())) return std::nullopt;

  const bool asked_to_wait =
      failure != nullptr && (failure->kind() == FailureKind::rate_limited || failure->retry_after());
  if (asked_to_wait) return pause(state, *failure, now);
  if (failure == nullptr || !is_absence(failure->kind())) {
    state.absences = 0;
    state.pauses = 0;
    return std::nullopt;
  }
  if (started_at < state.paused_at) return std::nullopt;
  ++state.absences;
  if (state.pauses == 0 && state.absences < options_.failures_before_pause) return std::nullopt;
  return pause(state, *failure, now);
}

std::optional<SystemTime> HostGovernor::pause(Host& host, const Failure& failure, SystemTime now) {
  const auto asked = failure.retry_after();
  const bool is_new_pause = host.paused_until <= now;
  if (is_new_pause) ++host.pauses;
  const bool is_too_long = asked && *asked > options_.giving_up;
  const bool is_absent = is_absence(failure.kind());
  const bool is_hopeless =
      is_absent ? host.absences >= options_.failures_before_pause && host.pauses > options_.pauses_before_giving_up
                : host.pauses > options_.refusals_before_giving_up;
  if (is_too_long || is_hopeless) {
    host.given_up_until =
        now + std::max<std::chrono::seconds>(options_.giving_up, asked.value_or(std::chrono::seconds(0)));
    host.reason = failure.kind();
    const int tries = is_absent ? host.absences : host.pauses;
    host.message = is_too_long ? fmt::format("the host asks to wait for {} s: run again after that", asked->count())
                               : fmt::format("gave the host up after {} tries in a row: {}", tries, failure.what());
    host.pauses = 0;
    host.absences = 0;
    host.paused_until = now;
    return now;
  }
  // A host that names a time is taken at its word, however often it has done so.
  const auto until = now + options_.pause.wait(asked ? 1 : host.pauses, random_, asked);
  if (until <= host.paused_until) return std::nullopt;
  host.paused_at = now;
  host.paused_until = until;
  return until;
}

std::size_t HostGovernor::in_flight(const std::string& host) const {
  const auto found = hosts_.find(host);
  return found == hosts_.end() ? 0 : found->second.in_flight;
}

/// Hosts of which nothing has to be remembered.
void HostGovernor::forget_idle(SystemTime now) {
  std::erase_if(hosts_, [now](const auto& entry) {
    const auto& host = entry.second;
    const bool is_long_ago = host.paused_until + kRemembered <= now;
    return host.in_flight == 0 && (host.pauses == 0 || is_long_ago) && host.paused_until <= now &&
           host.given_up_until <= now;
  });
  next_tidying_ = std::max<std::size_t>(4096, hosts_.size() * 2);
}

}  // namespace creel

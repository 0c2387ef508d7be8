#include "sources/host_backoff.h"

#include <algorithm>
#include <cmath>

namespace creel {

using std::chrono::seconds;

std::optional<HostBackoff::Pause> HostBackoff::pause(const std::string& host, SystemTime now) const {
  const auto found = hosts_.find(host);
  if (found == hosts_.end() || found->second.until <= now) return std::nullopt;
  return Pause{.until = found->second.until, .reason = found->second.reason};
}

seconds HostBackoff::spread_wait(const Pause& pause, SystemTime now) const {
  constexpr double kShare = 0.25;
  constexpr double kMaxSpread = 600;
  const auto rest = std::chrono::ceil<seconds>(pause.until - now);
  const auto spread = std::min(kMaxSpread, 10 + kShare * static_cast<double>(rest.count()));
  return rest + seconds(static_cast<std::int64_t>(spread * random_()));
}

std::optional<HostBackoff::Pause> HostBackoff::refused(const std::string& host, std::optional<seconds> wait,
                                                       const std::string& reason, SystemTime now) {
  forget_old(now);
  auto& entry = hosts_[host];
  entry.last_failure = now;
  const auto time = wait && *wait > seconds(0) ? std::min(*wait, options_.longest_wait) : next_pause(entry);
  if (!leave_alone(entry, now + time, reason)) return std::nullopt;
  return Pause{.until = entry.until, .reason = reason};
}

void HostBackoff::learn(const std::string& host, const Pause& pause, SystemTime now) {
  forget_old(now);
  // Whoever wrote it may have had another clock, or been allowed to wait for longer.
  leave_alone(hosts_[host], std::min<SystemTime>(pause.until, now + options_.longest_wait), pause.reason);
}

void HostBackoff::failed(const std::string& host, const std::string& reason, SystemTime now) {
  forget_old(now);
  auto& entry = hosts_[host];
  entry.last_failure = now;
  // What began before a pause and fails during it says nothing new.
  if (entry.until > now) return;
  if (++entry.failures >= options_.failures_before_pause) leave_alone(entry, now + next_pause(entry), reason);
}

void HostBackoff::succeeded(const std::string& host) {
  const auto found = hosts_.find(host);
  if (found == hosts_.end()) return;
  // A pause that is under way was asked for by another answer, and stays.
  found->second.failures = 0;
  found->second.pauses = 0;
}

seconds HostBackoff::next_pause(Host& host) {
  const int doublings = std::min(host.pauses++, 20);
  const auto whole = std::min<std::int64_t>(options_.longest_pause.count(), options_.first_pause.count() << doublings);
  return seconds(std::llround(static_cast<double>(whole) * (0.5 + 0.5 * random_())));
}

bool HostBackoff::leave_alone(Host& host, SystemTime until, const std::string& reason) {
  if (until <= host.until) return false;
  host.until = until;
  host.reason = reason;
  return true;
}

/// Keeps the table small: of a host that has not failed for a day nothing needs to be known.
void HostBackoff::forget_old(SystemTime now) {
  if (hosts_.size() < next_tidying_) return;
  std::erase_if(hosts_, [&](const auto& entry) {
    return entry.second.until <= now && entry.second.last_failure + options_.longest_wait <= now;
  });
  next_tidying_ = std::max<std::size_t>(1024, 2 * hosts_.size());
}

}  // namespace creel

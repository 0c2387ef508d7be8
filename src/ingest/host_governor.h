#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/backoff.h"
#include "base/clock.h"
#include "base/failure.h"

namespace creel {

struct HostGovernorOptions {
  std::size_t per_host = 32;
  std::size_t concurrency = 256;
  /// So many tries in a row that found nobody there, and the host is left alone for a while.
  int failures_before_pause = 5;
  /// So many pauses in a row, and the host is given up.
  int pauses_before_giving_up = 5;
  /// The same for pauses that the host itself asked for, each time it was asked again.
  int refusals_before_giving_up = 10;
  Backoff pause{.base = std::chrono::seconds(1), .cap = std::chrono::seconds(30)};
  /// How long a host stays given up, and the longest wait that a host may ask for before it is given up instead.
  std::chrono::minutes giving_up{15};
};

/// Decides when which host may be asked: so many transfers at a time, none while the host has asked for a pause, and
/// one at a time to find out whether a host that was not there is back. It has no effects: times are told to it.
/// Threads: the ingest loop.
class HostGovernor {
 public:
  HostGovernor(HostGovernorOptions options, Random random) : options_(options), random_(std::move(random)) {}

  /// True if another transfer from the host may start now.
  /// @param active_hosts     hosts that have work, this one included
  /// @param total_in_flight  transfers from all hosts
  bool may_start(const std::string& host, std::size_t active_hosts, std::size_t total_in_flight, SystemTime now) const;

  /// Why the host is not to be asked at all for now: its images fail at once with this. Nothing if it may be asked.
  std::optional<Failure> given_up(const std::string& host, SystemTime now) const;

  /// Until when that holds.
  std::optional<SystemTime> given_up_until(const std::string& host, SystemTime now) const;

  void started(const std::string& host);

  /// Takes note of how a transfer ended.
  /// @param failure     null if the image was stored
  /// @param started_at  when it began: a failure that began before the host's last pause says nothing new
  /// @return  until when the host is to be left alone, if that changed
  std::optional<SystemTime> finished(const std::string& host, const Failure* failure, SystemTime started_at,
                                     SystemTime now);

  std::size_t in_flight(const std::string& host) const;

 private:
  struct Host {
    std::size_t in_flight = 0;
    int absences = 0;
    int pauses = 0;
    SystemTime paused_at{};
    SystemTime paused_until{};
    SystemTime given_up_until{};
    FailureKind reason = FailureKind::connect;
    std::string message;
  };

  std::optional<SystemTime> pause(Host& host, const Failure& failure, SystemTime now);
  void forget_idle(SystemTime now);

  HostGovernorOptions options_;
  Random random_;
  std::unordered_map<std::string, Host> hosts_;
  std::size_t next_tidying_ = 4096;
};

}  // namespace creel

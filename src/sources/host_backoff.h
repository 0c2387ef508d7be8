#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/backoff.h"
#include "base/clock.h"

namespace creel {

struct HostBackoffOptions {
  /// So many failures in a row, and the host is left alone for a while.
  int failures_before_pause = 3;
  /// The pauses: each is twice as long as the last one, half of it by chance.
  std::chrono::seconds first_pause{60};
  std::chrono::seconds longest_pause{3600};
  /// The most that a host may ask for.
  std::chrono::seconds longest_wait{24 * 3600};
};

/// Which hosts are to be left alone, until when and why: those that have asked for it, and those that were found broken
/// several times in a row. It has no effects: times are told to it. Threads: one at a time.
class HostBackoff {
 public:
  HostBackoff(HostBackoffOptions options, Random random) : options_(options), random_(std::move(random)) {}

  struct Pause {
    SystemTime until;
    /// For people.
    std::string reason;
  };

  /// Nothing if the host may be asked.
  std::optional<Pause> pause(const std::string& host, SystemTime now) const;

  /// How long one of several that wait for the host's pause to end is to wait: a little longer than the pause, each by
  /// another amount, so that they do not all come in the same instant.
  std::chrono::seconds spread_wait(const Pause& pause, SystemTime now) const;

  /// The host refused. It is left alone for as long as it asked for, or a pause if it did not say.
  /// @return  the pause, if it is a new or a longer one
  std::optional<Pause> refused(const std::string& host, std::optional<std::chrono::seconds> wait,
                               const std::string& reason, SystemTime now);

  /// The host has refused somebody else.
  void learn(const std::string& host, const Pause& pause, SystemTime now);

  /// The host was not there, or is broken.
  void failed(const std::string& host, const std::string& reason, SystemTime now);

  void succeeded(const std::string& host);

 private:
  struct Host {
    int failures = 0;
    int pauses = 0;
    SystemTime until{};
    SystemTime last_failure{};
    std::string reason;
  };

  std::chrono::seconds next_pause(Host& host);
  /// False if it is left alone for so long already.
  static bool leave_alone(Host& host, SystemTime until, const std::string& reason);
  void forget_old(SystemTime now);

  HostBackoffOptions options_;
  Random random_;
  std::unordered_map<std::string, Host> hosts_;
  std::size_t next_tidying_ = 1024;
};

}  // namespace creel

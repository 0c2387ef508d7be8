#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/clock.h"

namespace soci {
class session;
}

namespace creel {

enum class HostId : std::int64_t {};

/// The hosts that images come from. Numbers of the hosts met last are remembered, a bounded number of them.
/// Threads: as the session, which it must not outlive. To be used within a transaction.
class HostTable {
 public:
  explicit HostTable(soci::session& session);
  ~HostTable();

  /// The number of a host, which is added if it is new.
  HostId id(const std::string& name);

  /// The number of a host that is known.
  std::optional<HostId> find(const std::string& name);

  void block(const std::string& name, SystemTime until);

  /// To be called after a transaction was rolled back: numbers that were given out in it are void.
  void forget();

 private:
  struct Statements;

  HostId remember(const std::string& name, HostId id);

  std::unique_ptr<Statements> statements_;
  std::unordered_map<std::string, HostId> remembered_;
};

}  // namespace creel

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

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

  /// Adds those hosts that are new, in the words of PostgreSQL, where that takes two statements however many there are.
  void add_all(std::vector<std::string> names);

  void block(const std::string& name, SystemTime until);

 private:
  struct Statements;

  HostId remember(const std::string& name, HostId id);

  soci::session& session_;
  std::unique_ptr<Statements> statements_;
  std::unordered_map<std::string, HostId> remembered_;
};

}  // namespace creel

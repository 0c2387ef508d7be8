#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "catalog/image_repository.h"

namespace creel {

/// Leases as a whole. Threads: as the session, which it must not outlive. To be used within a transaction.
class LeaseTable {
 public:
  explicit LeaseTable(soci::session& session) : session_(session) {}

  /// As the functions of `ImageRepository`.
  std::uint64_t renew(const std::string& owner, SystemTime until);
  std::uint64_t take_back(SystemTime now);
  std::uint64_t take_back_all(std::optional<QueueId> queue, SystemTime now);

  /// Puts those of `rows` back that `owner` holds; nobody has begun to work on them.
  void give_back(std::span<const ImageRow> rows, const std::string& owner);

 private:
  soci::session& session_;
};

}  // namespace creel

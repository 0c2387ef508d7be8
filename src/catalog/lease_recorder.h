#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "catalog/image_repository.h"

namespace creel {

/// Writes down how leases ended. Threads: as the session, which it must not outlive. To be used within a
/// transaction.
class LeaseRecorder {
 public:
  explicit LeaseRecorder(soci::session& session);
  ~LeaseRecorder();

  /// As `ImageRepository::record`.
  Recorded record(std::span<const LeaseOutcome> outcomes, const std::string& owner, SystemTime now);

 private:
  struct Statements;

  std::unique_ptr<Statements> statements_;
};

}  // namespace creel

#pragma once

#include <memory>

#include "catalog/single_intake.h"

namespace creel {

/// Statements for many images at once, in the words of PostgreSQL: their values come as arrays. What is done to one
/// image alone is seldom, and done as in SingleIntake. Threads: as the session, which it must not outlive. To be used
/// within a transaction.
class BulkIntake final : public SingleIntake {
 public:
  BulkIntake(soci::session& session, HostTable& hosts);
  ~BulkIntake() override;

  /// Lets one transaction at a time add to a source, and adds the hosts in the order of their names: two that add the
  /// same rows in different orders would wait for each other.
  void begin(const Intake& intake, std::span<const FoundImage> images) override;
  std::vector<std::optional<ImageRow>> add(const Intake& intake, FoundImages images) override;
  std::vector<KnownImage> known(const Intake& intake, FoundImages images) override;

 private:
  struct Arrays;
  struct Statements;

  HostTable& hosts_;
  std::unique_ptr<Statements> statements_;
};

}  // namespace creel

#pragma once

#include <memory>

#include "catalog/intake_statements.h"

namespace soci {
class session;
}

namespace creel {

/// One statement an image. Threads: as the session, which it must not outlive. To be used within a transaction.
class SingleIntake : public IntakeStatements {
 public:
  SingleIntake(soci::session& session, HostTable& hosts);
  ~SingleIntake() override;

  void begin(const Intake& intake, std::span<const FoundImage> images) override;
  std::vector<std::optional<ImageRow>> add(const Intake& intake, FoundImages images) override;
  std::vector<KnownImage> known(const Intake& intake, FoundImages images) override;
  void see_again(const Intake& intake, ImageRow row) override;
  void queue_again(const Intake& intake, ImageRow row, const FoundImage& image) override;
  void count_found(PollId poll, std::size_t found, std::size_t added) override;

 private:
  struct Statements;

  HostTable& hosts_;
  std::unique_ptr<Statements> statements_;
};

}  // namespace creel

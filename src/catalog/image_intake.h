#pragma once

#include <memory>
#include <span>
#include <vector>

#include "catalog/host_table.h"
#include "catalog/image_repository.h"
#include "catalog/intake_statements.h"

namespace creel {

/// Takes in what polls find. Threads: as the session, which it must not outlive. To be used within a
/// transaction.
class ImageIntake {
 public:
  ImageIntake(soci::session& session, Dialect dialect, HostTable& hosts);
  ~ImageIntake();

  /// As `ImageRepository::see`.
  std::vector<Sighting> see(const Intake& intake, std::span<const FoundImage> images);

 private:
  /// An image of the list that it names for the first time, and its place there.
  struct Listed;

  void see_part(const Intake& intake, std::span<const Listed> part, std::vector<Sighting>& sightings);
  Sighting see_known(const Intake& intake, const KnownImage& known, const FoundImage& image);

  Dialect dialect_;
  std::unique_ptr<IntakeStatements> statements_;
};

}  // namespace creel

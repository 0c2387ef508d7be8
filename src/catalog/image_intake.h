#pragma once

#include <memory>
#include <span>
#include <vector>

#include "catalog/host_table.h"
#include "catalog/image_repository.h"

namespace creel {

/// Takes in what polls find. Threads: as the session, which it must not outlive. To be used within a
/// transaction.
class ImageIntake {
 public:
  ImageIntake(soci::session& session, HostTable& hosts);
  ~ImageIntake();

  /// As `ImageRepository::see`.
  std::vector<Sighting> see(SourceId source, PollId poll, std::span<const FoundImage> images, RetryFailed retry,
                            SystemTime now);

 private:
  struct Statements;

  bool add(const FoundImage& image);
  Sighting see_known(const RetryFailed& retry);

  HostTable& hosts_;
  std::unique_ptr<Statements> statements_;
};

}  // namespace creel

#pragma once

#include <map>
#include <optional>
#include <vector>

#include "catalog/image_library.h"

namespace soci {
class session;
}

namespace creel {

/// Counts what the catalog holds, by indexes alone. Threads: as the session.
class ImageStatistics {
 public:
  explicit ImageStatistics(soci::session& session) : session_(session) {}

  std::vector<ImageCount> counts();
  std::vector<HourCount> hours(SystemTime since, std::optional<SourceId> source);
  std::map<SourceId, std::vector<HourCount>> hours_by_source(SystemTime since);
  QueueAge queue_age(SystemTime now);

 private:
  soci::session& session_;
};

}  // namespace creel

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "catalog/image_repository.h"
#include "ingest/image_report.h"
#include "ingest/job_options.h"
#include "sources/image_list.h"

namespace creel {

/// Lines of a list that have been read and checked.
struct ListBatch {
  std::vector<FoundImage> found;
  /// Lines that could not be used, each with its URL as far as it is known.
  std::vector<std::pair<std::string, BadLine>> refused;
  bool at_end = false;
  /// Why reading had to end before the list's end.
  std::optional<Failure> broken;
};

/// What became of a batch: `waiting` images are in the catalog's queue, the others have their reports.
struct IntakeResult {
  std::uint64_t waiting = 0;
  std::uint64_t repeated = 0;
  /// Of those with reports: images that failed for good in an earlier run.
  std::uint64_t failed_before = 0;
  std::vector<ImageReport> reports;
};

/// Reads the next lines of a list: some hundreds at most, and fewer where they come slowly. Blocks.
ListBatch read_batch(ImageList& list, const JobOptions& job);

/// Reports of what needs no work: bad lines, and images that the catalog knows to be stored or failed.
/// @param sightings  what the catalog said of `batch.found`, in order
IntakeResult intake_result(const ListBatch& batch, std::span<const Sighting> sightings);

}  // namespace creel

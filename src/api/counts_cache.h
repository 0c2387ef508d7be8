#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/task.h"
#include "catalog/image_library.h"

namespace creel {

class CatalogService;

/// How many images there are, as of a moment.
struct Counts {
  /// By the number of their state (`ImageState`).
  using ByState = std::array<std::uint64_t, 5>;

  SystemTime as_of;
  std::vector<ImageCount> rows;
  ByState all{};
  /// Of stored images.
  std::uint64_t stored_bytes = 0;
  std::map<SourceId, ByState> by_source;
  std::map<FailureKind, std::uint64_t> by_failure_kind;

  /// Zeros for a source without images.
  ByState of(SourceId source) const;
};

/// Adds up what `ImageLibrary::counts` gives.
Counts add_up(std::vector<ImageCount> rows, SystemTime as_of);

/// The counts of images, looked up on a reader's thread at most a twentieth of the time, since that looks at every image.
/// Threads: the API's loop.
class CountsCache {
 public:
  CountsCache(CatalogService& catalog, const Clock& clock);
  ~CountsCache();

  /// The counts. A look that takes no time worth speaking of is waited for; while one that takes longer goes on, the last
  /// counts are given.
  /// @throws CatalogUnavailable  and there were none yet
  Task<std::shared_ptr<const Counts>> get();

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace creel

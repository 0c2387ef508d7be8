#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/task.h"
#include "catalog/catalog_service.h"
#include "catalog/source_repository.h"

namespace creel {

/// What hosts have asked for, beyond one program: other programs are to know it, and this one when it is started anew.
/// Threads: one at a time.
class HostBlocks {
 public:
  virtual ~HostBlocks() = default;

  /// Which of these hosts are to be left alone. None, where that cannot be found out now.
  virtual Task<std::vector<HostBlock>> find(std::vector<std::string> hosts) = 0;

  /// Takes note of a block. It is kept soon.
  virtual void note(HostBlock block) = 0;
};

/// Host blocks in the catalog. What was noted while the catalog is away waits until it is back. Threads: the scheduler's
/// loop.
class CatalogHostBlocks final : public HostBlocks {
 public:
  /// @param on_noted  called when there is something to save
  CatalogHostBlocks(CatalogService& catalog, const Clock& clock, std::function<void()> on_noted)
      : catalog_(catalog), clock_(clock), on_noted_(std::move(on_noted)) {}

  Task<std::vector<HostBlock>> find(std::vector<std::string> hosts) override;
  void note(HostBlock block) override;

  /// Writes what was noted since the last time.
  /// @throws CatalogUnavailable  all of it waits for the next time
  Task<void> save();

 private:
  CatalogService& catalog_;
  const Clock& clock_;
  std::function<void()> on_noted_;
  /// By host.
  std::map<std::string, HostBlock> unsaved_;
};

}  // namespace creel

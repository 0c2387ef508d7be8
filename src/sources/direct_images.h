#pragma once

#include <vector>

#include "base/clock.h"
#include "base/task.h"
#include "catalog/catalog_service.h"
#include "sources/scheduler.h"
#include "sources/source_kind.h"

namespace creel {

/// What `Scheduler::add_images` does. The parts must outlive the call.
Task<std::vector<Scheduler::Added>> add_direct_images(CatalogService& catalog, SourceListener& listener,
                                                      const Clock& clock, std::vector<Scheduler::NewImage> images);

}  // namespace creel

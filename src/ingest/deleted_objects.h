#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/task.h"
#include "catalog/catalog_service.h"
#include "store/object_key.h"
#include "store/object_store.h"

namespace creel {

/// All of it must outlive the work.
struct DeletedObjectsParts {
  CatalogService& catalog;
  /// Of the loop that the work is done on.
  ObjectStore& store;
  const Clock& clock;
  Log log;
  KeyMode key_mode = KeyMode::named;
};

/// Removes the objects of images that were deleted while they were being stored, where the program that stored them was
/// killed before it could see to that. Each key that the image may have got is looked at, since its type stands nowhere;
/// one under which another image is stored is left alone. Keys that are made of contents cannot be known: such an object
/// stays.
///
/// To be repeated: an image counts when the lease under which it was being stored has run out. A store or a catalog that
/// is away is told of in the log, once a call, and what is left is done by the next one.
Task<void> remove_deleted_objects(DeletedObjectsParts parts);

}  // namespace creel

#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "base/clock.h"
#include "base/log.h"
#include "base/task.h"
#include "catalog/catalog_service.h"
#include "catalog/image_repository.h"
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
  KeyClashes clashes = KeyClashes::settled_where_puts_replace;
  /// How long the removal of an image's objects may take; as long one that is brought back meanwhile has to wait.
  std::chrono::milliseconds lease = std::chrono::minutes(1);
};

/// How removals are taken on.
RemovalQuery removal_query(KeyMode mode, SystemTime now, SystemTime::duration lease);

/// Removes the objects of images that were deleted while they were being stored, where the program that stored them was
/// killed before it could see to that. Each key that the image may have got is looked at, since its type stands nowhere.
/// One under which another image is stored is left alone; that image is fetched anew where it may have been replaced.
/// Keys that are made of contents cannot be known: such an object stays.
///
/// To be repeated: an image counts when the lease under which it was being stored has run out. A store or a catalog that
/// is away, or an object that cannot be removed, is told of in the log, once a call, and what is left is done by the next
/// one. Returns how many images have been queued again.
Task<std::size_t> remove_deleted_objects(DeletedObjectsParts parts);

/// Removes the object of one image that was deleted while it was being stored, unless another has it or may come to have
/// it. What is not removed is seen to by `remove_deleted_objects`.
Task<void> remove_orphan(DeletedObjectsParts parts, ImageRow row, std::string key);

}  // namespace creel

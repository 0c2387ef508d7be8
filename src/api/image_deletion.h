#pragma once

#include <cstddef>
#include <vector>

#include "api/api_parts.h"
#include "base/failure.h"
#include "base/task.h"
#include "catalog/image_library.h"

namespace creel {

struct Deletion {
  /// Images that are now deleted; those that were before are not counted.
  std::size_t deleted = 0;
  /// What kept others from it, which stay as they were.
  std::optional<Failure> failure;
};

/// Deletes images: first the object, unless another stored image has the same, then the catalog's row, of which a
/// tombstone stays. In this order an image whose object could not be removed is as it was, and can be deleted later.
/// Numbers that are no image's are passed over. Threads: the API's loop.
/// @throws CatalogUnavailable
Task<Deletion> delete_images(const ApiParts& parts, std::vector<ImageRow> ids);

}  // namespace creel

#pragma once

#include <memory>

#include "base/secret.h"
#include "sources/source_kind.h"

namespace creel {

/// Sources of type `imgur`: the gallery of a tag, or one album.
/// @param client_id  for sources that have none of their own
/// @param is_for_itself  nobody else may add sources, so that a stand-in for Imgur on this machine may have it too
std::unique_ptr<const SourceKind> imgur_kind(Secret client_id, bool is_for_itself = false);

}  // namespace creel

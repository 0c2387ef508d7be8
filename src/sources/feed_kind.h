#pragma once

#include <memory>

#include "sources/source_kind.h"

namespace creel {

/// The kind `feed`: images of RSS, Atom and JSON feeds.
std::unique_ptr<const SourceKind> feed_kind();

}  // namespace creel

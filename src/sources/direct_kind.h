#pragma once

#include <memory>

#include "sources/source_kind.h"

namespace creel {

/// The kind `direct`: images that people add by hand. It is never polled.
std::unique_ptr<const SourceKind> direct_kind();

}  // namespace creel

#pragma once

#include <memory>

#include "sources/jq_runner.h"
#include "sources/source_kind.h"

namespace creel {

/// Sources of type `json`: any API that answers in JSON, with a jq program that says what its answers mean.
std::unique_ptr<const SourceKind> json_kind(std::shared_ptr<const JqRunner> jq);

}  // namespace creel

#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "api/api_parts.h"

namespace creel {

class Router;

/// What system routes show beside the API's parts.
struct SystemFacts {
  /// The program's.
  std::string version;
  /// How many connections are open.
  std::function<std::size_t()> connections;
  /// The description of all routes, once all are there.
  std::function<const std::string&()> description;
};

/// Adds /healthz, /metrics and /openapi.json. The parts must outlive the router.
void add_system_routes(Router& router, const ApiParts& parts, SystemFacts facts);

}  // namespace creel

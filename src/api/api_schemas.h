#pragma once

namespace creel {

class Router;

/// The schemas of what the routes of sources, images and statistics take and answer, for /openapi.json.
void add_schemas(Router& router);

}  // namespace creel

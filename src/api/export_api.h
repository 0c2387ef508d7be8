#pragma once

#include "api/api_parts.h"
#include "api/router.h"

namespace creel {

/// /images/export: all images of a filter as JSON Lines or CSV. Memory does not grow with their number, and a client that
/// reads slowly holds up nobody. Threads: the API's loop. Must outlive the router.
class ExportApi {
 public:
  explicit ExportApi(const ApiParts& parts) : parts_(parts) {}

  void add_routes(Router& router);

 private:
  Task<HttpReply> export_images(ApiCall call);

  const ApiParts& parts_;
};

}  // namespace creel

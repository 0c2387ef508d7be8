#pragma once

#include "api/api_parts.h"
#include "api/counts_cache.h"
#include "api/router.h"
#include "api/shared_looks.h"

namespace creel {

/// /statistics. Threads: the API's loop. Must outlive the router.
class StatisticsApi {
 public:
  StatisticsApi(const ApiParts& parts, CountsCache& counts) : parts_(parts), counts_(counts), looks_(parts.executor) {}

  void add_routes(Router& router);

 private:
  Task<HttpReply> statistics(ApiCall call);

  const ApiParts& parts_;
  CountsCache& counts_;
  SharedLooks looks_;
};

}  // namespace creel

#pragma once

#include "api/api_parts.h"
#include "api/counts_cache.h"
#include "api/router.h"
#include "catalog/source_repository.h"

namespace creel {

/// /sources and what is below it. Threads: the API's loop. Must outlive the router.
class SourcesApi {
 public:
  SourcesApi(const ApiParts& parts, CountsCache& counts) : parts_(parts), counts_(counts) {}

  void add_routes(Router& router);

 private:
  void add_reading(Router& router);
  void add_changing(Router& router);
  void add_actions(Router& router);
  void add_tests(Router& router);

  using Action = Task<std::optional<SourceRecord>> (Scheduler::*)(SourceId);

  Task<HttpReply> list(ApiCall call);
  Task<HttpReply> types(ApiCall call);
  Task<HttpReply> get(ApiCall call);
  Task<HttpReply> polls(ApiCall call);
  Task<HttpReply> create(ApiCall call);
  Task<HttpReply> change(ApiCall call);
  Task<HttpReply> remove(ApiCall call);
  Task<HttpReply> act(ApiCall call, Action action);
  Task<HttpReply> test_new(ApiCall call);
  Task<HttpReply> test_known(ApiCall call);

  Task<SourceRecord> find(std::int64_t id);
  Task<HttpReply> reply(int status, SourceRecord source);
  Task<HttpReply> preview(SourceDefinition definition, std::int64_t limit);

  const ApiParts& parts_;
  CountsCache& counts_;
};

}  // namespace creel

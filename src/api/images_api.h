#pragma once

#include <cstdint>
#include <functional>

#include "api/api_parts.h"
#include "api/router.h"
#include "api/shared_looks.h"
#include "base/semaphore.h"

namespace creel {

class ImageLibrary;

/// /images and what is below it, apart from content and export. Threads: the API's loop. Must outlive the router.
class ImagesApi {
 public:
  explicit ImagesApi(const ApiParts& parts) : parts_(parts), pages_(parts.executor) {}

  void add_routes(Router& router);

 private:
  void add_reading(Router& router);
  void add_adding(Router& router);
  void add_deleting(Router& router);
  void add_retrying(Router& router);

  Task<HttpReply> list(ApiCall call);
  Task<HttpReply> get(ApiCall call);
  Task<HttpReply> add(ApiCall call);
  Task<HttpReply> remove(ApiCall call);
  Task<HttpReply> remove_many(ApiCall call);
  Task<HttpReply> retry(ApiCall call);
  Task<HttpReply> retry_many(ApiCall call);
  using Retry = std::function<std::uint64_t(ImageLibrary& library, SystemTime now)>;
  Task<HttpReply> retry_where(Retry retry);

  const ApiParts& parts_;
  SharedLooks pages_;
  /// One deletion at a time: two that shared an object would each leave it to the other.
  Semaphore deletions_{1};
};

}  // namespace creel

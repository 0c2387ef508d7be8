#pragma once

#include "api/api_parts.h"
#include "api/router.h"
#include "catalog/image_library.h"
#include "store/object_store.h"

namespace creel {

/// /images/{id}/content: the bytes of a stored image, read from the folder or, for a bucket, at a URL of the store's own.
/// Threads: the API's loop. Must outlive the router.
class ContentApi {
 public:
  explicit ContentApi(const ApiParts& parts) : parts_(parts) {}

  void add_routes(Router& router);

 private:
  Task<HttpReply> content(ApiCall call);

  const ApiParts& parts_;
};

/// "inline" and a file name for an image, safe in a header and on every file system (RFC 6266): the name in ASCII, and
/// whole in `filename*`.
std::string content_disposition(const ImageDetails& image);

}  // namespace creel

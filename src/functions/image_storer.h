#pragma once

#include "base/byte_budget.h"
#include "base/byte_buffer.h"
#include "base/clock.h"
#include "base/task.h"
#include "functions/image_body.h"
#include "functions/store_request.h"
#include "net/http_client.h"
#include "net/redirects.h"
#include "store/object_store.h"

namespace creel {

/// Carries out store requests: fetches an image, checks it while it arrives, and puts it into the object store.
/// An image of up to 8 MiB is whole and checked before the store hears of it; a larger one flows through in parts, and
/// becomes visible only when it is complete. Threads: its own event loop.
class ImageStorer {
 public:
  /// All of them must outlive the storer; `budget` is shared with those of other loops.
  /// @param http1  with the same options as `http`, but for the version: for bodies that have to wait
  ImageStorer(HttpClient& http, HttpClient& http1, ObjectStore& store, ByteBudget& budget, BlockPool& blocks,
              const Clock& clock)
      : http_(http), http1_(http1), store_(store), budget_(budget), blocks_(blocks), clock_(clock) {}

  /// @throws Failure of any kind that concerns fetching and storing
  Task<StoredImage> store(StoreRequest request);

 private:
  Task<FollowedResponse> fetch(HttpClient& http, const StoreRequest& request, SteadyTime deadline);
  Task<Sha256Digest> put(const StoreRequest& request, ImageBody& body, StoredImage& stored);
  Task<void> compare_kept(const StoreRequest& request, Sha256Digest digest, StoredImage& stored);
  Task<Sha256Digest> flow(const StoreRequest& request, FollowedResponse& fetched, ImageBody& body, StoredImage& stored);
  std::chrono::milliseconds since(SteadyTime start) const;

  HttpClient& http_;
  HttpClient& http1_;
  ObjectStore& store_;
  ByteBudget& budget_;
  BlockPool& blocks_;
  const Clock& clock_;
};

}  // namespace creel

#pragma once

#include <memory>
#include <optional>
#include <string>

#include "aws/s3_client.h"
#include "base/log.h"
#include "store/adaptive_limit.h"
#include "store/object_store.h"

namespace creel {

struct S3StoreOptions {
  std::string bucket;
  /// Goes before every key, with a "/" between; empty for none.
  std::string prefix;
};

/// Objects in a bucket of S3 or of a store that speaks like it. Each object has the digest of its bytes in
/// its user metadata as `sha256`. When the store asks to slow down, fewer puts are made at a time. Threads:
/// its client's event loop.
class S3Store final : public ObjectStore {
 public:
  /// @param client    of the same event loop; it, `limit` and `listener` must outlive the store
  /// @param limit     shared by the stores of all event loops
  /// @param listener  may be null
  S3Store(aws::S3Client& client, S3StoreOptions options, AdaptiveLimit& limit, UploadListener* listener, Log log);

  Task<PutResult> put(ObjectKey key, BodyView body, Sha256Digest sha256, ObjectMetadata metadata,
                      PutCondition condition) override;
  Task<std::unique_ptr<ObjectUpload>> begin_upload(ObjectKey key, ObjectMetadata metadata) override;
  Task<bool> holds(ObjectKey key, std::uint64_t size_bytes, Sha256Digest sha256) override;
  Task<void> remove(ObjectKey key) override;
  Task<std::optional<std::string>> get(ObjectKey key, std::size_t max_bytes) override;
  Task<std::optional<ObjectAccess>> open(ObjectKey key, std::chrono::seconds url_lifetime) override;
  std::string location(const ObjectKey& key) const override;

 private:
  class Upload;

  Task<PutResult> put_unless_same(aws::S3Put put, PutCondition condition);
  Task<bool> has_same(aws::S3Object object, std::size_t size, std::string sha256_hex);
  aws::S3Object object(const ObjectKey& key) const;
  aws::S3Hooks hooks();
  void completed(const ObjectKey& key);
  void failed(const ObjectKey& key, std::string_view reason);

  aws::S3Client& client_;
  S3StoreOptions options_;
  AdaptiveLimit& limit_;
  UploadListener* listener_;
  Log log_;
};

}  // namespace creel

#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include <boost/asio/thread_pool.hpp>

#include "store/object_store.h"

namespace creel {

class ObjectFolder;

/// Objects as files below a folder. Each is written beside its place, synced and renamed into it, so that a
/// crash or power cut leaves whole files or none. Symbolic links below the folder are not followed. File work
/// runs on `files`; cancelling waits until it has ended. Threads: any, on several event loops at once.
class FolderStore final : public ObjectStore {
 public:
  /// Makes the folder if need be and removes what an earlier crash left in its `.creel-unfinished`, unless
  /// another store is at work there.
  /// @param files  must outlive the store, and so must `listener`, which may be null
  /// @param prefix  goes before the keys, with "/" between; may be empty
  /// @throws Failure store_denied
  FolderStore(std::filesystem::path root, boost::asio::thread_pool& files, UploadListener* listener,
              std::string prefix = {});
  ~FolderStore() override;

  Task<PutResult> put(ObjectKey key, BodyView body, Sha256Digest sha256, ObjectMetadata metadata,
                      PutCondition condition) override;
  Task<std::unique_ptr<ObjectUpload>> begin_upload(ObjectKey key, ObjectMetadata metadata) override;
  Task<bool> holds(ObjectKey key, std::uint64_t size_bytes, Sha256Digest sha256) override;
  Task<void> remove(ObjectKey key) override;
  Task<std::optional<std::string>> get(ObjectKey key, std::size_t max_bytes) override;
  Task<std::optional<ObjectAccess>> open(ObjectKey key, std::chrono::seconds url_lifetime) override;
  std::string location(const ObjectKey& key) const override;

 private:
  std::unique_ptr<ObjectFolder> folder_;
  boost::asio::thread_pool& files_;
  UploadListener* listener_;
};

}  // namespace creel

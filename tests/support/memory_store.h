#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/failure.h"
#include "base/wakeup.h"
#include "store/object_store.h"

namespace creel::testing {

/// An object store in memory that remembers what it was asked for, fails the Nth call and can be made to
/// wait. Calls of `put`, `begin_upload`, `add_part` and `finish` are counted together, from 1. Threads: its
/// own event loop. Must outlive its uploads.
class MemoryStore final : public ObjectStore {
 public:
  struct Object {
    std::string bytes;
    ObjectMetadata metadata;
  };
  struct Put {
    std::string key;
    std::string sha256;
    PutCondition condition;
  };
  struct Upload {
    enum class End : std::uint8_t { none, finished, aborted };

    std::string begun_as;
    std::vector<std::size_t> parts;
    End end = End::none;
    std::optional<PutCondition> condition;
  };

  /// Lets call `number` fail, before it has changed anything.
  void fail_call(int number, Failure failure) { failures_.insert_or_assign(number, std::move(failure)); }

  /// Lets every removal of `key` fail.
  void fail_removals(const std::string& key, Failure failure) {
    unremovable_.insert_or_assign(key, std::move(failure));
  }

  /// Every call from now on waits until `release`.
  void hold() { holding_ = true; }
  void release();
  /// Aborts of uploads never end from now on.
  void hold_aborts() { holding_aborts_ = true; }
  /// Calls that wait.
  std::size_t waiting() const { return waiting_.size(); }

  const std::map<std::string, Object>& objects() const { return objects_; }
  const std::vector<Put>& puts() const { return puts_; }
  const std::vector<std::shared_ptr<Upload>>& uploads() const { return uploads_; }

  Task<PutResult> put(ObjectKey key, BodyView body, Sha256Digest sha256, ObjectMetadata metadata,
                      PutCondition condition) override;
  Task<std::unique_ptr<ObjectUpload>> begin_upload(ObjectKey key, ObjectMetadata metadata) override;
  Task<bool> holds(ObjectKey key, std::uint64_t size_bytes, Sha256Digest sha256) override;
  Task<void> remove(ObjectKey key) override;
  Task<std::optional<std::string>> get(ObjectKey key, std::size_t max_bytes) override;
  Task<std::optional<ObjectAccess>> open(ObjectKey key, std::chrono::seconds url_lifetime) override;
  std::string location(const ObjectKey& key) const override { return "memory:" + key.value; }

 private:
  class UploadUnderWay;
  class Reader;

  Task<void> begin_call();
  PutResult keep(const ObjectKey& key, Object object, PutCondition condition);

  std::map<std::string, Object> objects_;
  std::vector<Put> puts_;
  std::vector<std::shared_ptr<Upload>> uploads_;
  std::map<int, Failure> failures_;
  std::map<std::string, Failure> unremovable_;
  int calls_ = 0;
  bool holding_ = false;
  bool holding_aborts_ = false;
  std::vector<std::shared_ptr<Wakeup>> waiting_;
};

}  // namespace creel::testing

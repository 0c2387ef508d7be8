#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/byte_buffer.h"
#include "base/hash.h"
#include "base/task.h"

namespace creel {

/// The name of an object below the store's folder or prefix: segments divided by "/", made by object_key.h.
struct ObjectKey {
  std::string value;

  bool operator==(const ObjectKey&) const = default;
};

/// What is kept beside an object's bytes.
struct ObjectMetadata {
  std::string content_type;
  /// Names without "x-amz-meta-", values in ASCII; made to fit by object_metadata.h. A folder keeps none of them.
  std::vector<std::pair<std::string, std::string>> user;
};

enum class PutCondition : std::uint8_t {
  /// Replaces what is there.
  always,
  /// Keeps what is there and answers `already_there`.
  absent_only,
  /// Answers `already_there` without sending anything if the same bytes are there, else replaces: for work that
  /// may have been done before a crash.
  unless_same,
};

struct PutResult {
  /// As the store gives it, without quotes; empty for a folder.
  std::string etag;
  std::optional<std::string> version_id;
  bool already_there = false;
  /// Of one that is already there: its bytes are others than those that were to be put. Known where somebody has compared
  /// them.
  bool is_another = false;
};

/// A large object on its way into the store, part by part. `finish` or `abort` must be awaited before it goes.
class ObjectUpload {
 public:
  virtual ~ObjectUpload() = default;

  /// Parts come in order; all but the last have the same size, 8 MiB.
  /// @throws Failure as `ObjectStore::put`
  virtual Task<void> add_part(BodyView part) = 0;

  /// Makes the object visible under `key`, which may be another than the upload was begun with.
  /// `unless_same` is taken for `always`.
  virtual Task<PutResult> finish(ObjectKey key, PutCondition condition) = 0;

  /// Leaves nothing behind. Never throws: what could not be removed is logged.
  virtual Task<void> abort() = 0;
};

/// The bytes of a stored object, read where one likes; goes on to read the same object if another takes its place.
/// Threads: as its store, which it must not outlive.
class ObjectReader {
 public:
  virtual ~ObjectReader() = default;

  virtual std::uint64_t size_bytes() const = 0;

  /// The bytes from `offset` on, at most `max_bytes`; empty at the end.
  /// @throws Failure store_denied | store_error
  virtual Task<std::string> read(std::uint64_t offset, std::size_t max_bytes) = 0;
};

/// How the bytes of an object can be had; one of the two is set.
struct ObjectAccess {
  /// Here.
  std::unique_ptr<ObjectReader> reader;
  /// By anybody who knows this URL, as long as it is good.
  std::string url;
};

/// Hears how uploads go on. Threads: called on the store's event loop.
class UploadListener {
 public:
  virtual ~UploadListener() = default;
  virtual void on_bytes_sent(std::size_t bytes) = 0;
  virtual void on_completed(const ObjectKey& key) = 0;
  virtual void on_failed(const ObjectKey& key, std::string_view reason) = 0;
};

/// Puts objects into a bucket or a folder. Threads: its own event loop, unless the store says any.
///
/// Failures: `store_denied` - the store will take nothing from us (refused, no such bucket, disk full), so that going
/// on makes no sense; `store_throttled` and `store_error` - this put failed after the store's own retries.
class ObjectStore {
 public:
  virtual ~ObjectStore() = default;

  /// Stores `body` under `key`, all or nothing: a failed put leaves no object behind.
  /// @param sha256  the digest of `body`
  virtual Task<PutResult> put(ObjectKey key, BodyView body, Sha256Digest sha256, ObjectMetadata metadata,
                              PutCondition condition) = 0;

  /// Begins an object that is too large to be held. Nothing is visible before it is finished.
  virtual Task<std::unique_ptr<ObjectUpload>> begin_upload(ObjectKey key, ObjectMetadata metadata) = 0;

  /// Whether the object under `key` has these bytes; false if there is none. An object that carries no digest is taken to
  /// have them if it has their size.
  /// @throws Failure store_denied | store_throttled | store_error
  virtual Task<bool> holds(ObjectKey key, std::uint64_t size_bytes, Sha256Digest sha256) = 0;

  /// Removes the object; one that is not there is no error.
  virtual Task<void> remove(ObjectKey key) = 0;

  /// The bytes of a stored object, at most `max_bytes`; nothing if it is not there.
  virtual Task<std::optional<std::string>> get(ObjectKey key, std::size_t max_bytes) = 0;

  /// Opens a stored object to be given out; nothing if it is not there.
  /// @param url_lifetime  how long a URL is good, if it becomes one
  virtual Task<std::optional<ObjectAccess>> open(ObjectKey key, std::chrono::seconds url_lifetime) = 0;

  /// Where an object is, for people: "/data/pictures/a.png", "s3://bucket/prefix/a.png".
  virtual std::string location(const ObjectKey& key) const = 0;
};

}  // namespace creel

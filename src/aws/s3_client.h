#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "aws/s3_transport.h"
#include "base/failure.h"

namespace creel::aws {

/// What is kept beside an object.
struct S3ObjectHeaders {
  std::string content_type = "application/octet-stream";
  /// Names without "x-amz-meta-".
  std::vector<std::pair<std::string, std::string>> metadata;
};

enum class S3Overwrite : std::uint8_t {
  allowed,
  /// The call does nothing if an object is there (If-None-Match: *).
  refused,
};

struct S3Stored {
  /// Without quotes.
  std::string etag;
  /// Only in a bucket with versions.
  std::optional<std::string> version_id;
  /// An object was there, and overwriting it was refused.
  bool already_there = false;
};

struct S3ObjectInfo {
  std::uint64_t size = 0;
  std::string etag;
  std::string content_type;
  /// Names in lower case, without "x-amz-meta-".
  std::vector<std::pair<std::string, std::string>> metadata;

  std::optional<std::string> find_metadata(std::string_view name) const;
};

struct S3Put {
  S3Object object;
  S3ObjectHeaders headers{};
  /// Must outlive the call.
  BodyView body{};
  Sha256Digest sha256{};
  S3Overwrite overwrite = S3Overwrite::allowed;
  S3Hooks hooks{};
};

struct S3Part {
  S3Object object;
  std::string upload_id;
  /// From 1 to 10,000.
  int number = 1;
  /// Must outlive the call.
  BodyView body{};
  S3Hooks hooks{};
};

struct S3Completion {
  S3Object object;
  std::string upload_id;
  /// Of the parts from 1 on, as `upload_part` returned them.
  std::vector<std::string> etags;
  S3Overwrite overwrite = S3Overwrite::allowed;
  S3Hooks hooks{};
};

/// An object that was not deleted.
struct S3NotDeleted {
  std::string key;
  Failure failure;
};

/// Objects in S3 and in stores that speak like it. Every call is retried as
/// `S3Options` says.
///
/// Failures: store_denied (refused, or no such bucket: nothing else will work
/// either), store_throttled and store_error (after the last try), bad_request
/// (a key or metadata that no request can carry). Threads: its own event loop.
/// Source: https://docs.aws.amazon.com/AmazonS3/latest/API/
class S3Client {
 public:
  S3Client(S3Context context, S3Options options) : transport_(std::move(context), std::move(options)) {}

  Task<S3Stored> put_object(S3Put put);

  /// Nothing if it is not there, or if we may not look: for those who may not
  /// list a bucket, S3 answers "forbidden" for what is not there.
  Task<std::optional<S3ObjectInfo>> head_object(S3Object object);

  /// Nothing if it is not there.
  /// @throws Failure too_large  beyond `max_bytes`
  Task<std::optional<std::string>> get_object(S3Object object, std::size_t max_bytes);

  /// An object that is not there is no error.
  Task<void> delete_object(S3Object object);

  /// How many objects one call of `delete_objects` may name.
  static constexpr std::size_t kMostDeletedAtOnce = 1000;

  /// Deletes objects in one call, and returns those that are still there; one
  /// that was not there is no error.
  /// @param keys  at most `kMostDeletedAtOnce`
  Task<std::vector<S3NotDeleted>> delete_objects(std::string bucket, std::vector<std::string> keys);

  /// Copies within the store, with what is kept beside the object; at most 5
  /// GiB.
  Task<S3Stored> copy_object(S3Object from, S3Object to);

  /// Begins an object in parts and returns the upload's id. It must be
  /// completed or aborted: until then its parts are stored, and paid for.
  Task<std::string> create_multipart_upload(S3Object object, S3ObjectHeaders headers);

  /// Returns the part's ETag, quotes included. All parts but the last have at
  /// least 5 MiB.
  Task<std::string> upload_part(S3Part part);

  Task<S3Stored> complete_multipart_upload(S3Completion completion);

  /// An upload that is not there is no error.
  Task<void> abort_multipart_upload(S3Object object, std::string upload_id);

  /// A URL with which anybody can get the object until `lifetime`, at most
  /// seven days, is over.
  Task<std::string> presign_get(S3Object object, std::chrono::seconds lifetime);

 private:
  S3Transport transport_;
};

}  // namespace creel::aws

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "net/url.h"

namespace creel::aws {

/// Where a bucket or an object is reached.
struct S3Location {
  /// "https://bucket.s3.eu-west-1.amazonaws.com"
  std::string origin;
  /// As in the Host header.
  std::string host;
  /// Percent-encoded once: sent and signed like this.
  std::string encoded_path;
};

/// Knows how addresses are made: with AWS the bucket is a part of the host
/// name, unless it has a dot, which no certificate covers; with other stores it
/// is the first segment of the path. Immutable.
class S3Endpoint {
 public:
  /// @param endpoint_url  of a compatible store; empty for AWS. A path in it
  /// goes before that of the object.
  /// @throws Failure bad_url
  explicit S3Endpoint(std::string_view endpoint_url);

  /// @throws Failure bad_request  for a key that no request can carry: empty,
  /// above 1,024 bytes, or with a segment
  ///         "." or "..", which HTTP clients resolve
  S3Location locate(std::string_view region, std::string_view bucket, std::string_view key) const;

  /// The bucket itself, for calls that are about no object.
  S3Location locate_bucket(std::string_view region, std::string_view bucket) const;

  bool is_aws() const { return !custom_; }
  bool is_https() const { return !custom_ || custom_->is_https(); }

  /// For messages: "https://minio.example.com" or "AWS".
  std::string name() const;

 private:
  S3Location place(std::string_view region, std::string_view bucket, const std::string& key_path) const;

  std::optional<Url> custom_;
};

}  // namespace creel::aws

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "aws/lambda_control.h"
#include "aws/s3_client.h"
#include "base/task.h"
#include "deploy/plan.h"

namespace creel::deploy {

/// A zip that is being deployed.
struct DeployZip {
  std::string bytes;
  ZipFacts facts;

  /// @throws Failure bad_request  it cannot be read
  static DeployZip read(const std::string& path);
  static DeployZip of(std::string bytes);
};

/// True for a zip that the service takes only out of a bucket.
bool needs_bucket(const ZipFacts& zip);

/// Hands zips to the service: with the call itself or, above 50 MB, through a
/// bucket, into which each is put once. Threads: its own event loop.
class ZipUpload {
 public:
  /// @param s3  null if there is no bucket; must outlive it
  /// @param bucket  of the functions' region
  ZipUpload(aws::S3Client* s3, std::string bucket) : s3_(s3), bucket_(std::move(bucket)) {}

  /// @param zip  must outlive what is returned
  /// @throws Failure bad_request  a bucket is needed and there is none; and
  /// what `S3Client::put_object` throws
  Task<aws::FunctionCode> place(const DeployZip* zip);

 private:
  aws::S3Client* s3_;
  std::string bucket_;
};

}  // namespace creel::deploy

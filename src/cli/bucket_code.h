#pragma once

#include <string>

#include "aws/s3_client.h"
#include "cli/aws_session.h"
#include "net/resolver.h"

namespace creel {

/// Gets the zips of functions out of an S3 store, for the emulator. Threads: its own event loop.
class BucketCode {
 public:
  /// @param endpoint_url  of the store
  /// @param environment, clock  must outlive it
  /// @throws Failure bad_auth | bad_url  the settings cannot work
  BucketCode(const boost::asio::any_io_executor& executor, const std::string& endpoint_url, const std::string& region,
             const aws::Environment& environment, const Clock& clock, Log log);

  /// @throws Failure not_found | too_large | what `S3Client::get_object` throws
  Task<std::string> fetch(std::string bucket, std::string key);

 private:
  Resolver resolver_;
  AwsSession session_;
  aws::S3Client s3_;
};

}  // namespace creel

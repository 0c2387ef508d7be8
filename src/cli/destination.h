#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>

#include "aws/environment.h"
#include "aws/s3_options.h"
#include "aws/settings.h"
#include "base/clock.h"
#include "base/log.h"
#include "net/proxy_settings.h"
#include "net/resolver.h"
#include "store/object_store.h"

namespace creel {

/// Where images go, as the command line says it.
struct Destination {
  /// Empty for a bucket.
  std::filesystem::path folder;
  std::string bucket;
  /// Without "/" at its ends.
  std::string prefix;

  bool is_bucket() const { return !bucket.empty(); }

  /// In one form however it was written: an absolute path, or "s3://bucket/prefix".
  std::string text() const;
};

/// @throws Failure bad_request  another scheme than s3, or no bucket
Destination parse_destination(std::string_view text);

/// The file that remembers what was mirrored to `destination`, if none is named: "creel-data/mirror-NAME-HASH.db".
std::filesystem::path default_state_file(const Destination& destination, std::string_view endpoint_url);

struct StoresOptions {
  Destination destination;
  aws::AwsFlags aws;
  /// Time-outs and tries of a bucket; the rest of it comes from the flags and the environment.
  aws::S3Options s3;
  ProxySettings proxies;
  std::size_t concurrency = 256;
  std::string user_agent;
};

/// Makes the store of each event loop; what all of them share lives here. Threads: one, the stores their own loops.
class Stores {
 public:
  /// @param environment, resolver, clock, listener  must outlive it
  /// @throws Failure bad_request | bad_auth | store_denied  the configuration cannot work
  Stores(StoresOptions options, const aws::Environment& environment, Resolver& resolver, const Clock& clock, Log log,
         UploadListener& listener);
  ~Stores();

  std::shared_ptr<ObjectStore> make(const boost::asio::any_io_executor& executor);

 private:
  struct Bucket;

  StoresOptions options_;
  Resolver& resolver_;
  const Clock& clock_;
  Log log_;
  UploadListener& listener_;
  boost::asio::thread_pool files_;
  std::shared_ptr<ObjectStore> folder_;
  std::unique_ptr<Bucket> bucket_;
};

}  // namespace creel

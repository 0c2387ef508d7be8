#pragma once

#include <memory>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "aws/environment.h"
#include "aws/s3_client.h"
#include "base/clock.h"
#include "base/log.h"
#include "functions/fetch_store_image.h"

namespace creel {

/// What the functions of the Lambda artifact work with, made from the environment that Lambda gives them when it is first
/// asked for: until then nothing is read, looked up or started.
///
///     AWS_REGION, AWS_ACCESS_KEY_ID, ...     as the AWS tools have them; credentials as they find them
///     AWS_ENDPOINT_URL_S3                    a store other than AWS
///     CREEL_STORE_FOLDER=/srv/pictures       everything goes into this folder of the machine that the function runs on,
///                                            whatever bucket an event names: to try functions without one
///     AWS_LAMBDA_FUNCTION_MEMORY_SIZE        in MB: what images may take of it is reckoned from it
///     SSL_CERT_FILE, SSL_CERT_DIR, AWS_CA_BUNDLE, http_proxy, https_proxy, all_proxy, no_proxy
///     CREEL_ALLOW_PRIVATE_NETWORK=1          images may be fetched from private addresses too
///     CREEL_PER_HOST=32                      connections to one host at a time
///
/// Threads: one event loop, that of the first call; its own threads only look names up.
class FunctionServices final : public Storers {
 public:
  /// @param clock  must outlive it
  FunctionServices(aws::Environment environment, const Clock& clock, Log log);
  ~FunctionServices() override;

  std::shared_ptr<ImageStorer> storer(const boost::asio::any_io_executor& loop, const std::string& bucket,
                                      const std::string& key_prefix) override;

  /// Makes what the functions work with, unless it is there.
  /// @throws Failure  the configuration cannot work
  void prepare(const boost::asio::any_io_executor& loop) { parts(loop); }

  /// Removes objects, and returns those that are still there; one that was not there is removed.
  /// @param keys  at most `S3Client::kMostDeletedAtOnce`
  /// @throws Failure  as `prepare`, or nothing can be removed
  Task<std::vector<aws::S3NotDeleted>> remove(boost::asio::any_io_executor loop, std::string bucket,
                                              std::vector<std::string> keys);

  const Clock& clock() const { return clock_; }

 private:
  struct Parts;

  Parts& parts(const boost::asio::any_io_executor& loop);

  const aws::Environment environment_;
  const Clock& clock_;
  const Log log_;
  std::unique_ptr<Parts> parts_;
};

/// How many bytes of images a function with so much memory may hold at a time.
std::size_t image_memory(std::size_t function_memory_bytes);

}  // namespace creel

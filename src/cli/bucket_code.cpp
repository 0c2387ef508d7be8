#include "cli/bucket_code.h"

#include <fmt/format.h>

#include "base/failure.h"

namespace creel {
namespace {

/// As much as a function's zip may have, which is also what it may have unzipped.
constexpr std::size_t kMaxZipBytes = 262'144'000;

}  // namespace

BucketCode::BucketCode(const boost::asio::any_io_executor& executor, const std::string& endpoint_url,
                       const std::string& region, const aws::Environment& environment, const Clock& clock, Log log)
    : resolver_(clock, system_lookup),
      session_(executor, {.region = region, .endpoint_url = endpoint_url}, environment, resolver_, clock,
               std::move(log)),
      s3_({session_.http(), session_.credentials(), session_.quota(), clock, system_random()},
          {.endpoint_url = endpoint_url,
           .region = session_.region(),
           .ca_file = session_.lambda_options().ca_file,
           .user_agent = session_.lambda_options().user_agent}) {}

Task<std::string> BucketCode::fetch(std::string bucket, std::string key) {
  auto zip = co_await s3_.get_object({.bucket = bucket, .key = key}, kMaxZipBytes);
  if (!zip) throw Failure(FailureKind::not_found, fmt::format("there is no {} in the bucket {}", key, bucket));
  co_return std::move(*zip);
}

}  // namespace creel

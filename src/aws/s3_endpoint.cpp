#include "aws/s3_endpoint.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/failure.h"
#include "base/text.h"

namespace creel::aws {
namespace {

constexpr std::size_t kMaxKeyBytes = 1024;

void check_key(std::string_view key) {
  const auto refuse = [key](std::string_view reason) {
    constexpr std::size_t kShownBytes = 200;
    throw Failure(FailureKind::bad_request, fmt::format("the key '{}' {}", utf8_prefix(key, kShownBytes), reason));
  };
  if (key.empty()) refuse("is empty");
  if (key.size() > kMaxKeyBytes) refuse(fmt::format("has more than {} bytes", kMaxKeyBytes));
  for (const auto segment : split(key, '/')) {
    if (segment == "." || segment == "..") refuse("has a segment '.' or '..', which no request can carry");
  }
}

/// True if the name can be a part of a host name that AWS's certificates cover.
bool is_host_label(std::string_view bucket) {
  return bucket.size() >= 3 && bucket.size() <= 63 && std::ranges::all_of(bucket, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
         });
}

}  // namespace

S3Endpoint::S3Endpoint(std::string_view endpoint_url) {
  if (!endpoint_url.empty()) custom_ = Url::parse(endpoint_url);
}

S3Location S3Endpoint::locate(std::string_view region, std::string_view bucket, std::string_view key) const {
  check_key(key);
  return place(region, bucket, '/' + percent_encode(key, "/"));
}

S3Location S3Endpoint::locate_bucket(std::string_view region, std::string_view bucket) const {
  return place(region, bucket, "/");
}

S3Location S3Endpoint::place(std::string_view region, std::string_view bucket, const std::string& key_path) const {
  const auto path_with_bucket = '/' + percent_encode(bucket) + key_path;
  if (custom_) {
    std::string_view before = custom_->encoded_path();
    while (before.ends_with('/')) before.remove_suffix(1);
    return {custom_->origin(), custom_->authority(), std::string(before) + path_with_bucket};
  }
  const std::string_view suffix = region.starts_with("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  const bool in_host = is_host_label(bucket);
  auto host = fmt::format("s3.{}.{}", region, suffix);
  if (in_host) host = fmt::format("{}.{}", bucket, host);
  return {"https://" + host, host, in_host ? key_path : path_with_bucket};
}

std::string S3Endpoint::name() const {
  return custom_ ? custom_->origin() : "AWS";
}

}  // namespace creel::aws

#pragma once

#include <string>
#include <string_view>

#include "net/url.h"

namespace creel::aws {

/// "aws", "aws-cn" or "aws-us-gov": the second part of the ARNs of a region.
std::string_view partition_of(std::string_view region);

/// Where a service is reached, and for which region its calls are signed.
/// Immutable.
class ServiceEndpoint {
 public:
  /// A service of one region, like Lambda.
  /// @param service  as in the host name: "lambda"
  /// @param endpoint_url  of a compatible service; empty for AWS. A path in it
  /// goes before that of the call.
  /// @throws Failure bad_url
  static ServiceEndpoint regional(std::string_view service, std::string_view region, std::string_view endpoint_url);

  /// A service of all regions of a partition, which is signed for one of them,
  /// like IAM.
  /// @throws Failure bad_url
  static ServiceEndpoint global(std::string_view service, std::string_view region, std::string_view endpoint_url);

  const Url& url() const { return url_; }
  const std::string& signing_region() const { return signing_region_; }
  bool is_aws() const { return is_aws_; }

  /// For messages: "http://127.0.0.1:9000" or "AWS eu-west-1".
  std::string name() const;

 private:
  ServiceEndpoint(Url url, std::string signing_region, bool is_aws)
      : url_(std::move(url)), signing_region_(std::move(signing_region)), is_aws_(is_aws) {}

  Url url_;
  std::string signing_region_;
  bool is_aws_;
};

}  // namespace creel::aws

#include "aws/service_endpoint.h"

#include <fmt/format.h>

namespace creel::aws {
namespace {

std::string_view domain_of(std::string_view region) {
  return region.starts_with("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
}

}  // namespace

std::string_view partition_of(std::string_view region) {
  if (region.starts_with("cn-")) return "aws-cn";
  if (region.starts_with("us-gov-")) return "aws-us-gov";
  return "aws";
}

ServiceEndpoint ServiceEndpoint::regional(std::string_view service, std::string_view region,
                                          std::string_view endpoint_url) {
  if (!endpoint_url.empty()) return {Url::parse(endpoint_url), std::string(region), false};
  return {Url::parse(fmt::format("https://{}.{}.{}", service, region, domain_of(region))), std::string(region), true};
}

ServiceEndpoint ServiceEndpoint::global(std::string_view service, std::string_view region,
                                        std::string_view endpoint_url) {
  const auto partition = partition_of(region);
  if (partition == "aws-cn") return regional(service, "cn-north-1", endpoint_url);
  const std::string signing_region = partition == "aws" ? "us-east-1" : "us-gov-west-1";
  if (!endpoint_url.empty()) return {Url::parse(endpoint_url), signing_region, false};
  const std::string_view zone = partition == "aws" ? "" : "us-gov.";
  return {Url::parse(fmt::format("https://{}.{}amazonaws.com", service, zone)), signing_region, true};
}

std::string ServiceEndpoint::name() const {
  return is_aws_ ? "AWS " + signing_region_ : url_.origin();
}

}  // namespace creel::aws

#include "aws/service_endpoint.h"

#include <gtest/gtest.h>

namespace creel::aws {
namespace {

TEST(ServiceEndpoint, IsInItsRegion) {
  const auto endpoint = ServiceEndpoint::regional("lambda", "eu-west-1", "");
  EXPECT_EQ(endpoint.url().str(), "https://lambda.eu-west-1.amazonaws.com/");
  EXPECT_EQ(endpoint.signing_region(), "eu-west-1");
  EXPECT_EQ(endpoint.name(), "AWS eu-west-1");
  EXPECT_EQ(ServiceEndpoint::regional("lambda", "cn-north-1", "").url().host(), "lambda.cn-north-1.amazonaws.com.cn");
  EXPECT_EQ(ServiceEndpoint::regional("lambda", "us-gov-west-1", "").url().host(),
            "lambda.us-gov-west-1.amazonaws.com");
}

TEST(ServiceEndpoint, OfAllRegionsIsSignedForOne) {
  const auto endpoint = ServiceEndpoint::global("iam", "eu-west-1", "");
  EXPECT_EQ(endpoint.url().host(), "iam.amazonaws.com");
  EXPECT_EQ(endpoint.signing_region(), "us-east-1");
  EXPECT_EQ(ServiceEndpoint::global("iam", "cn-northwest-1", "").url().host(), "iam.cn-north-1.amazonaws.com.cn");
  EXPECT_EQ(ServiceEndpoint::global("iam", "us-gov-east-1", "").url().host(), "iam.us-gov.amazonaws.com");
  EXPECT_EQ(ServiceEndpoint::global("iam", "us-gov-east-1", "").signing_region(), "us-gov-west-1");
}

TEST(ServiceEndpoint, CanBeElsewhere) {
  const auto endpoint = ServiceEndpoint::regional("lambda", "eu-west-1", "http://127.0.0.1:9000/x");
  EXPECT_EQ(endpoint.url().str(), "http://127.0.0.1:9000/x");
  EXPECT_EQ(endpoint.signing_region(), "eu-west-1");
  EXPECT_EQ(endpoint.name(), "http://127.0.0.1:9000");
  EXPECT_FALSE(endpoint.is_aws());
}

TEST(ServiceEndpoint, KnowsThePartitionOfARegion) {
  EXPECT_EQ(partition_of("eu-west-1"), "aws");
  EXPECT_EQ(partition_of("cn-north-1"), "aws-cn");
  EXPECT_EQ(partition_of("us-gov-east-1"), "aws-us-gov");
}

}  // namespace
}  // namespace creel::aws

#include "aws/s3_endpoint.h"

#include <gtest/gtest.h>

#include "base/failure.h"

namespace creel::aws {
namespace {

TEST(S3Endpoint, PutsTheBucketIntoTheHostNameOfAws) {
  const auto location = S3Endpoint("").locate("eu-west-1", "my-bucket", "a b/ü.png");
  EXPECT_EQ(location.origin, "https://my-bucket.s3.eu-west-1.amazonaws.com");
  EXPECT_EQ(location.host, "my-bucket.s3.eu-west-1.amazonaws.com");
  EXPECT_EQ(location.encoded_path, "/a%20b/%C3%BC.png");
  EXPECT_EQ(S3Endpoint("").locate("cn-north-1", "bucket", "k").host, "bucket.s3.cn-north-1.amazonaws.com.cn");
}

TEST(S3Endpoint, PutsABucketThatNoCertificateCoversIntoThePath) {
  for (const auto* bucket : {"my.bucket", "MyBucket", "my_bucket"}) {
    const auto location = S3Endpoint("").locate("eu-west-1", bucket, "k");
    EXPECT_EQ(location.host, "s3.eu-west-1.amazonaws.com");
    EXPECT_EQ(location.encoded_path, std::string("/") + bucket + "/k");
  }
}

TEST(S3Endpoint, PutsTheBucketIntoThePathOfOtherStores) {
  const auto location = S3Endpoint("http://LOCALHOST:9000/").locate("any", "bucket", "k");
  EXPECT_EQ(location.origin, "http://localhost:9000");
  EXPECT_EQ(location.host, "localhost:9000");
  EXPECT_EQ(location.encoded_path, "/bucket/k");
  EXPECT_EQ(S3Endpoint("https://h:443/s3/v1/").locate("any", "b", "k").encoded_path, "/s3/v1/b/k");
  EXPECT_EQ(S3Endpoint("https://h:443").locate("any", "b", "k").host, "h");
}

TEST(S3Endpoint, KnowsWhetherItIsReachedOverTls) {
  EXPECT_TRUE(S3Endpoint("").is_https());
  EXPECT_TRUE(S3Endpoint("https://h").is_https());
  EXPECT_FALSE(S3Endpoint("http://h").is_https());
}

TEST(S3Endpoint, RefusesKeysThatNoRequestCanCarry) {
  for (const auto& key : {std::string(), std::string("a/../b"), std::string("./a"), std::string(1025, 'x')}) {
    EXPECT_THROW(S3Endpoint("").locate("r", "bucket", key), Failure) << key;
  }
  EXPECT_EQ(S3Endpoint("").locate("r", "bucket", "a//b/...").encoded_path, "/a//b/...");
}

}  // namespace
}  // namespace creel::aws

#include "cli/aws_session.h"

#include <gtest/gtest.h>

#include "aws/test_support.h"
#include "support/run_task.h"

namespace creel {
namespace {

using aws::testing::Surroundings;
using testing::run;

struct AwsSessionTest : ::testing::Test, Surroundings {
  AwsSession session(aws::AwsFlags flags) {
    return {loop.get_executor(), std::move(flags), environment, resolver, clock, silent_log()};
  }
};

TEST_F(AwsSessionTest, TakesAnEmulatorHereWithoutAnAccount) {
  for (const auto* url : {"http://localhost:9000", "http://127.0.0.1:9000", "http://[::1]:9000"}) {
    auto here = session({.endpoint_url = url});
    EXPECT_EQ(run(loop, here.credentials().get()).access_key_id, "local") << url;
  }
}

TEST_F(AwsSessionTest, UsesTheCredentialsThatThereAre) {
  variables["AWS_ACCESS_KEY_ID"] = "AKID";
  variables["AWS_SECRET_ACCESS_KEY"] = "secret";
  auto here = session({.endpoint_url = "http://localhost:9000"});
  EXPECT_EQ(run(loop, here.credentials().get()).access_key_id, "AKID");
}

TEST_F(AwsSessionTest, NeedsCredentialsForAws) {
  variables["AWS_EC2_METADATA_DISABLED"] = "true";
  auto there = session({.region = "eu-west-1"});
  EXPECT_EQ(there.region(), "eu-west-1");
  EXPECT_THROW(run(loop, there.credentials().get()), Failure);
}

TEST_F(AwsSessionTest, KnowsTheEndpointOfEachService) {
  variables["AWS_ENDPOINT_URL_LAMBDA"] = "http://localhost:9000";
  variables["AWS_ENDPOINT_URL_IAM"] = "http://localhost:9001";
  auto here = session({});
  EXPECT_EQ(here.lambda_options().endpoint_url, "http://localhost:9000");
  EXPECT_EQ(here.endpoint_url("IAM"), "http://localhost:9001");
  EXPECT_EQ(here.endpoint_url("S3"), "");
}

}  // namespace
}  // namespace creel

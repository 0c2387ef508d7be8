#include "aws/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aws/test_support.h"
#include "base/failure.h"

namespace creel::aws {
namespace {

using testing::Surroundings;

constexpr auto kConfig =
    "[default]\nregion = from-default\n[profile x]\nregion = from-x\nendpoint_url = http://x\nca_bundle = "
    "/x.pem\n";

TEST(Settings, FallBackFromFlagToEnvironmentToProfileToDefault) {
  Surroundings here;
  EXPECT_EQ(find_settings({}, here.environment).region, "us-east-1");
  here.folder.write(".aws/config", kConfig);
  EXPECT_EQ(find_settings({}, here.environment).region, "from-default");
  EXPECT_EQ(find_settings({.profile = "x"}, here.environment).region, "from-x");
  here.variables["AWS_DEFAULT_REGION"] = "from-default-region";
  EXPECT_EQ(find_settings({}, here.environment).region, "from-default-region");
  here.variables["AWS_REGION"] = "from-region";
  EXPECT_EQ(find_settings({}, here.environment).region, "from-region");
  EXPECT_EQ(find_settings({.region = "from-flag"}, here.environment).region, "from-flag");
}

TEST(Settings, KnowTheEndpointOfEachService) {
  Surroundings here;
  here.variables["AWS_ENDPOINT_URL"] = "http://all";
  here.variables["AWS_ENDPOINT_URL_LAMBDA"] = "http://functions";
  EXPECT_EQ(find_settings({}, here.environment, "LAMBDA").endpoint_url, "http://functions");
  EXPECT_EQ(find_settings({}, here.environment, "IAM").endpoint_url, "http://all");
  EXPECT_EQ(find_settings({.endpoint_url = "http://flag"}, here.environment, "LAMBDA").endpoint_url, "http://flag");
}

TEST(Settings, TakeTheProfileThatTheEnvironmentNames) {
  Surroundings here;
  here.folder.write(".aws/config", kConfig);
  here.variables["AWS_PROFILE"] = "x";
  const auto settings = find_settings({}, here.environment);
  EXPECT_EQ(settings.region, "from-x");
  EXPECT_EQ(settings.endpoint_url, "http://x");
  EXPECT_EQ(settings.ca_file, "/x.pem");
}

TEST(Settings, TakeTheEndpointOfTheServiceBeforeTheGeneralOne) {
  Surroundings here;
  here.variables["AWS_ENDPOINT_URL"] = "http://all";
  EXPECT_EQ(find_settings({}, here.environment).endpoint_url, "http://all");
  here.variables["AWS_ENDPOINT_URL_S3"] = "http://s3";
  EXPECT_EQ(find_settings({}, here.environment).endpoint_url, "http://s3");
  EXPECT_EQ(find_settings({.endpoint_url = "http://flag"}, here.environment).endpoint_url, "http://flag");
  here.variables["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] = "true";
  EXPECT_EQ(find_settings({}, here.environment).endpoint_url, "");
}

TEST(Settings, NameTheFilesInWhichAProfileIsMissing) {
  Surroundings here;
  here.variables["AWS_CONFIG_FILE"] = "~/elsewhere";
  try {
    find_settings({.profile = "nobody"}, here.environment);
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.kind(), FailureKind::bad_auth);
    EXPECT_THAT(failure.what(), ::testing::HasSubstr("'nobody'"));
    EXPECT_THAT(failure.what(), ::testing::HasSubstr((here.folder.path() / "elsewhere").string()));
    EXPECT_THAT(failure.what(), ::testing::HasSubstr((here.folder.path() / ".aws/credentials").string()));
  }
}

TEST(SharedConfig, PrefersTheCredentialsFileAndKnowsQuotedNames) {
  Surroundings here;
  here.folder.write(".aws/config",
                    "[profile 'a b']\nkey = config\nother = config\n[profile default]\nkey = d\n[sso-session "
                    "s]\nkey = s\n");
  here.folder.write(".aws/credentials", "[a b]\nkey = credentials\n[profile z]\nkey = odd\n");
  const auto config = SharedConfig::load(here.environment);
  EXPECT_EQ(config.find("a b")->find("key"), "credentials");
  EXPECT_EQ(config.find("a b")->find("other"), "config");
  EXPECT_EQ(config.find("default")->find("key"), "d");
  EXPECT_FALSE(config.find("s"));
  EXPECT_FALSE(config.find("z"));
}

}  // namespace
}  // namespace creel::aws

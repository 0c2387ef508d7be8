#include "aws/iam_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aws/test_support.h"
#include "support/run_task.h"
#include "support/scripted_server.h"

namespace creel::aws {
namespace {

using creel::testing::run;
using creel::testing::ScriptedServer;
using creel::testing::WireReply;
using creel::testing::WireRequest;
using ::testing::HasSubstr;

constexpr auto kRole =
    "<GetRoleResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><GetRoleResult><Role><Path>/</Path>"
    "<AssumeRolePolicyDocument>%7B%22Version%22%3A%222012-10-17%22%7D</AssumeRolePolicyDocument>"
    "<RoleName>r</RoleName><Arn>arn:aws:iam::123456789012:role/r</Arn></Role></GetRoleResult></GetRoleResponse>";
constexpr auto kNoRole =
    "<ErrorResponse><Error><Type>Sender</Type><Code>NoSuchEntity</Code><Message>none</Message></Error></ErrorResponse>";

struct IamClientTest : ::testing::Test, testing::Surroundings {
  ScriptedServer server{[this](const WireRequest&) { return reply; }};
  WireReply reply = WireReply::response(200, "<x/>");
  testing::FixedCredentials credentials;
  RetryQuota quota;
  IamClient client{ServiceContext{http, credentials, quota, clock, [] { return 0.0; }}, "eu-west-1", server.url("")};

  std::string sent() const { return server.requests().back().body; }
};

TEST_F(IamClientTest, FindsARole) {
  reply = WireReply::response(200, kRole);
  const auto role = run(loop, client.get_role("r"));
  EXPECT_EQ(role, (IamRole{"r", "arn:aws:iam::123456789012:role/r", R"({"Version":"2012-10-17"})"}));
  EXPECT_EQ(sent(), "Action=GetRole&RoleName=r&Version=2010-05-08");
  EXPECT_EQ(server.requests().back().method, "POST");
  EXPECT_THAT(server.requests().back().header("Authorization"), HasSubstr("/us-east-1/iam/aws4_request"));
}

TEST_F(IamClientTest, FindsNothingWhereThereIsNothing) {
  reply = WireReply::response(404, kNoRole);
  EXPECT_FALSE(run(loop, client.get_role("r")));
  EXPECT_FALSE(run(loop, client.get_role_policy("r", "p")));
}

TEST_F(IamClientTest, CreatesARole) {
  reply = WireReply::response(200, kRole);
  EXPECT_EQ(run(loop, client.create_role({.name = "r", .trust_policy = R"({"a":"b c"})", .description = "d"})).arn,
            "arn:aws:iam::123456789012:role/r");
  EXPECT_EQ(sent(),
            "Action=CreateRole&AssumeRolePolicyDocument=%7B%22a%22%3A%22b%20c%22%7D&Description=d&RoleName=r"
            "&Version=2010-05-08");
}

TEST_F(IamClientTest, ReadsAndWritesAPolicy) {
  reply = WireReply::response(200, "<r><PolicyDocument>%7B%22a%22%3A1%7D</PolicyDocument></r>");
  EXPECT_EQ(run(loop, client.get_role_policy("r", "p")), R"({"a":1})");
  run(loop, client.put_role_policy("r", "p", R"({"a":1})"));
  EXPECT_EQ(sent(), "Action=PutRolePolicy&PolicyDocument=%7B%22a%22%3A1%7D&PolicyName=p&RoleName=r&Version=2010-05-08");
}

TEST_F(IamClientTest, SaysWhatWasRefused) {
  reply = WireReply::response(403,
                              "<ErrorResponse><Error><Code>AccessDenied</Code><Message>User u may not</Message>"
                              "</Error><RequestId>q</RequestId></ErrorResponse>");
  try {
    run(loop, client.get_role("r"));
    FAIL() << "nothing was refused";
  } catch (const ServiceError& error) {
    EXPECT_EQ(error.kind(), FailureKind::bad_auth);
    EXPECT_THAT(error.what(), HasSubstr("GetRole of r at http://"));
    EXPECT_THAT(error.what(), HasSubstr("AccessDenied (status 403, request q): User u may not"));
  }
}

}  // namespace
}  // namespace creel::aws

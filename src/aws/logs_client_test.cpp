#include "aws/logs_client.h"

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

struct LogsClientTest : ::testing::Test, testing::Surroundings {
  ScriptedServer server{[this](const WireRequest&) { return reply; }};
  WireReply reply = WireReply::response(200);
  testing::FixedCredentials credentials;
  RetryQuota quota;
  LogsClient client{ServiceContext{http, credentials, quota, clock, [] { return 0.0; }}, "eu-west-1", server.url("")};
};

TEST_F(LogsClientTest, FindsTheGroupOfExactlyThatName) {
  reply = WireReply::response(200, R"({"logGroups":[{"logGroupName":"/aws/lambda/f","retentionInDays":14}]})");
  EXPECT_EQ(run(loop, client.find_group("/aws/lambda/f")), (LogGroup{"/aws/lambda/f", 14}));
  const auto sent = server.requests().at(0);
  EXPECT_EQ(sent.header("X-Amz-Target"), "Logs_20140328.DescribeLogGroups");
  EXPECT_EQ(sent.header("Content-Type"), "application/x-amz-json-1.1");
  EXPECT_THAT(sent.body, HasSubstr(R"("logGroupNamePrefix":"/aws/lambda/f")"));
  EXPECT_THAT(sent.header("Authorization"), HasSubstr("/eu-west-1/logs/aws4_request"));

  reply = WireReply::response(200, R"({"logGroups":[{"logGroupName":"/aws/lambda/f2"}]})");
  EXPECT_FALSE(run(loop, client.find_group("/aws/lambda/f")));
  reply = WireReply::response(200, R"({"logGroups":[{"logGroupName":"/aws/lambda/f"}]})");
  EXPECT_EQ(run(loop, client.find_group("/aws/lambda/f")), (LogGroup{"/aws/lambda/f", std::nullopt}));
}

TEST_F(LogsClientTest, LeavesAGroupThatIsThereAlready) {
  reply = WireReply::response(400, R"({"__type":"ResourceAlreadyExistsException","message":"there"})");
  run(loop, client.create_group("/aws/lambda/f"));
  EXPECT_EQ(server.requests().at(0).body, R"({"logGroupName":"/aws/lambda/f"})");
}

TEST_F(LogsClientTest, SetsHowLongLinesAreKept) {
  run(loop, client.put_retention("/aws/lambda/f", 30));
  EXPECT_EQ(server.requests().at(0).body, R"({"logGroupName":"/aws/lambda/f","retentionInDays":30})");
}

TEST(LogRetention, IsOneOfThoseThatTheServiceKnows) {
  EXPECT_TRUE(is_log_retention(1));
  EXPECT_TRUE(is_log_retention(3653));
  EXPECT_FALSE(is_log_retention(2));
  EXPECT_FALSE(is_log_retention(0));
}

}  // namespace
}  // namespace creel::aws

#include "aws/lambda_control.h"

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
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct LambdaControlTest : ::testing::Test, testing::Surroundings {
  ScriptedServer server{[this](const WireRequest&) {
    if (replies.empty()) return WireReply::response(200, "{}");
    auto reply = replies.front();
    replies.erase(replies.begin());
    return reply;
  }};
  std::vector<WireReply> replies;
  testing::FixedCredentials credentials;
  RetryQuota quota;
  LambdaControl control{ServiceContext{http, credentials, quota, clock, [] { return 0.0; }},
                        {.endpoint_url = server.url("")}};

  void answer(std::string body, int status = 200) { replies.push_back(WireReply::response(status, std::move(body))); }
  void answer_not_found() {
    replies.push_back(WireReply::response(404, R"({"Type":"User","Message":"Function not found"})",
                                          {{"x-amzn-ErrorType", "ResourceNotFoundException"}}));
  }
  std::string line() const { return server.requests().back().method + " " + server.requests().back().target; }
  std::string body() const { return server.requests().back().body; }
};

const FunctionSettings kSettings{.runtime = "provided.al2023",
                                 .handler = "h",
                                 .role = "arn:r",
                                 .description = "d",
                                 .memory_mb = 512,
                                 .timeout_seconds = 60,
                                 .environment = {{"A", "b"}}};
constexpr auto kSettingsJson =
    R"("Runtime":"provided.al2023","Handler":"h","Role":"arn:r","Description":"d","MemorySize":512,"Timeout":60,)"
    R"("EphemeralStorage":{"Size":512},"Environment":{"Variables":{"A":"b"}})";

TEST_F(LambdaControlTest, ReadsWhatIsDeployed) {
  answer(R"({"Configuration":{"FunctionName":"f","FunctionArn":"arn:f","Runtime":"provided.al2023","Handler":"h",
             "Role":"arn:r","Description":"d","MemorySize":512,"Timeout":60,"Architectures":["arm64"],
             "Environment":{"Variables":{"A":"b"}},"EphemeralStorage":{"Size":1024},"CodeSha256":"abc=","CodeSize":7,
             "State":"Failed","StateReason":"why","LastUpdateStatus":"Failed","LastUpdateStatusReason":"because",
             "RevisionId":"r","Version":"$LATEST"},
             "Tags":{"t":"u"},"Concurrency":{"ReservedConcurrentExecutions":3}})");
  const auto state = run(loop, control.get_function("f"));
  ASSERT_TRUE(state);
  const auto& found = state->configuration;
  EXPECT_EQ(found.memory_mb, 512);
  EXPECT_EQ(found.timeout_seconds, 60);
  EXPECT_EQ(found.architecture, "arm64");
  EXPECT_EQ(found.environment, (std::map<std::string, std::string>{{"A", "b"}}));
  EXPECT_EQ(found.ephemeral_storage_mb, 1024);
  EXPECT_EQ(found.code_sha256, "abc=");
  EXPECT_EQ(found.code_size, 7U);
  EXPECT_EQ(found.state_reason, "why");
  EXPECT_EQ(found.last_update_reason, "because");
  EXPECT_EQ(state->tags, (std::map<std::string, std::string>{{"t", "u"}}));
  EXPECT_EQ(state->reserved_concurrency, 3);
  EXPECT_EQ(line(), "GET /2015-03-31/functions/f");
}

TEST_F(LambdaControlTest, FindsNothingWhereThereIsNothing) {
  for (int i = 0; i < 5; ++i) answer_not_found();
  EXPECT_FALSE(run(loop, control.get_function("f")));
  EXPECT_FALSE(run(loop, control.get_configuration("f", "live")));
  EXPECT_FALSE(run(loop, control.get_alias("f", "live")));
  EXPECT_FALSE(run(loop, control.get_url("f", "live")));
  EXPECT_THAT(run(loop, control.get_permissions("f", "")), IsEmpty());
}

TEST_F(LambdaControlTest, CreatesAFunctionFromAZip) {
  run(loop, control.create_function({.name = "f",
                                     .architecture = "arm64",
                                     .settings = kSettings,
                                     .code = ZipBytes{"zip"},
                                     .tags = {{"t", "u"}}}));
  EXPECT_EQ(line(), "POST /2015-03-31/functions");
  EXPECT_EQ(body(), std::string(R"({"FunctionName":"f","Architectures":["arm64"],)") + kSettingsJson +
                        R"(,"Code":{"ZipFile":"emlw"},"Tags":{"t":"u"}})");
}

TEST_F(LambdaControlTest, ChangesCodeAndConfiguration) {
  run(loop, control.update_code("f", ZipInBucket{"b", "k"}, "x86_64"));
  EXPECT_EQ(line(), "PUT /2015-03-31/functions/f/code");
  EXPECT_EQ(body(), R"({"Architectures":["x86_64"],"S3Bucket":"b","S3Key":"k"})");
  run(loop, control.update_configuration("f", kSettings));
  EXPECT_EQ(line(), "PUT /2015-03-31/functions/f/configuration");
  EXPECT_EQ(body(), std::string("{") + kSettingsJson + "}");
}

TEST_F(LambdaControlTest, PublishesVersionsAndListsThem) {
  answer(R"({"Version":"7"})", 201);
  EXPECT_EQ(run(loop, control.publish_version("f", "abc=")).version, "7");
  EXPECT_EQ(body(), R"({"CodeSha256":"abc="})");

  answer(R"({"Versions":[{"Version":"$LATEST"},{"Version":"1"}],"NextMarker":"m"})");
  answer(R"({"Versions":[{"Version":"2"}]})");
  const auto versions = run(loop, control.list_versions("f"));
  ASSERT_EQ(versions.size(), 2U);
  EXPECT_EQ(versions[1].version, "2");
  EXPECT_EQ(line(), "GET /2015-03-31/functions/f/versions?Marker=m&MaxItems=50");
}

TEST_F(LambdaControlTest, MovesAliases) {
  answer(R"({"Name":"live","FunctionVersion":"3","RevisionId":"r"})");
  EXPECT_EQ(run(loop, control.get_alias("f", "live"))->version, "3");
  run(loop, control.create_alias("f", "live", "4"));
  EXPECT_EQ(line(), "POST /2015-03-31/functions/f/aliases");
  EXPECT_EQ(body(), R"({"Name":"live","FunctionVersion":"4"})");
  run(loop, control.update_alias("f", "live", "5"));
  EXPECT_EQ(line(), "PUT /2015-03-31/functions/f/aliases/live");
  EXPECT_EQ(body(), R"({"FunctionVersion":"5"})");
}

TEST_F(LambdaControlTest, SetsConcurrencyAndTags) {
  run(loop, control.put_concurrency("f", 5));
  EXPECT_EQ(line(), "PUT /2017-10-31/functions/f/concurrency");
  EXPECT_EQ(body(), R"({"ReservedConcurrentExecutions":5})");
  run(loop, control.delete_concurrency("f"));
  EXPECT_EQ(line(), "DELETE /2017-10-31/functions/f/concurrency");
  run(loop, control.tag("arn:aws:f", {{"t", "u"}}));
  EXPECT_EQ(line(), "POST /2017-03-31/tags/arn%3Aaws%3Af");
  EXPECT_EQ(body(), R"({"Tags":{"t":"u"}})");
  run(loop, control.untag("arn:aws:f", {"a", "b"}));
  EXPECT_EQ(line(), "DELETE /2017-03-31/tags/arn%3Aaws%3Af?tagKeys=a&tagKeys=b");
}

TEST_F(LambdaControlTest, MakesAndChangesAUrl) {
  answer(R"({"FunctionUrl":"https://u/","AuthType":"NONE"})");
  const auto url = run(loop, control.get_url("f", "live"));
  EXPECT_EQ(url->invoke_mode, "BUFFERED");
  EXPECT_EQ(line(), "GET /2021-10-31/functions/f/url?Qualifier=live");
  run(loop, control.create_url("f", "live", {.auth_type = "NONE", .invoke_mode = "BUFFERED"}));
  EXPECT_EQ(line(), "POST /2021-10-31/functions/f/url?Qualifier=live");
  EXPECT_EQ(body(), R"({"AuthType":"NONE","InvokeMode":"BUFFERED"})");
  run(loop, control.update_url("f", "", {.auth_type = "AWS_IAM", .invoke_mode = "BUFFERED"}));
  EXPECT_EQ(line(), "PUT /2021-10-31/functions/f/url");
  run(loop, control.delete_url("f", "live"));
  EXPECT_EQ(line(), "DELETE /2021-10-31/functions/f/url?Qualifier=live");
}

TEST_F(LambdaControlTest, SaysWhoMayCall) {
  answer(R"({"Policy":"{\"Statement\":[{\"Sid\":\"one\"},{\"Sid\":\"two\"}]}"})");
  EXPECT_THAT(run(loop, control.get_permissions("f", "live")), ElementsAre("one", "two"));
  EXPECT_EQ(line(), "GET /2015-03-31/functions/f/policy?Qualifier=live");
  run(loop, control.add_permission(
                "f", "live",
                {.statement_id = "s", .action = "lambda:InvokeFunction", .principal = "*", .via_url_only = true}));
  EXPECT_EQ(body(), R"({"StatementId":"s","Action":"lambda:InvokeFunction","Principal":"*",)"
                    R"("InvokedViaFunctionUrl":true})");
  run(loop, control.remove_permission("f", "live", "s"));
  EXPECT_EQ(line(), "DELETE /2015-03-31/functions/f/policy/s?Qualifier=live");
}

TEST_F(LambdaControlTest, TriesAgainWhatMayPass) {
  answer("{}", 500);
  answer("{}", 429);
  answer(R"({"Version":"1"})", 201);
  EXPECT_EQ(run(loop, control.publish_version("f", "abc=")).version, "1");
}

TEST_F(LambdaControlTest, SaysWhenTheAnswerIsNoJson) {
  answer("<html>");
  EXPECT_THROW(run(loop, control.get_function("f")), Failure);
}

}  // namespace
}  // namespace creel::aws

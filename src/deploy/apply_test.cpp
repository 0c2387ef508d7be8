#include "deploy/apply.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aws/test_support.h"
#include "deploy/rollback.h"
#include "deploy/smoke.h"
#include "support/run_task.h"
#include "support/scripted_server.h"

namespace creel::deploy {
namespace {

using creel::testing::run;
using creel::testing::ScriptedServer;
using creel::testing::WireReply;
using creel::testing::WireRequest;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using namespace std::chrono_literals;

constexpr auto kRegion = "eu-west-1";

struct SilentListener final : StepListener {
  void begun(const std::string&, StepKind) override {}
  void done(const std::string&, StepKind kind, const std::string&) override { steps.push_back(kind); }
  void waits(const std::string&, std::string_view what_for) override { waited_for.emplace_back(what_for); }

  std::vector<StepKind> steps;
  std::vector<std::string> waited_for;
};

/// The services behind one port, which answer as a test sets them, each answer once, and else like those that work.
struct ApplyTest : ::testing::Test, aws::testing::Surroundings {
  ApplyTest() { there.alias = aws::FunctionAlias{.name = "live", .version = "3"}; }

  ScriptedServer server{[this](const WireRequest& request) { return answer(request); }};
  /// What is answered before all else, by method and target.
  std::multimap<std::string, WireReply> scripted;
  aws::testing::FixedCredentials credentials;
  aws::RetryQuota quota;
  aws::ServiceContext context{http, credentials, quota, clock, [] { return 0.0; }};
  aws::LambdaOptions lambda_options{.endpoint_url = server.url(""), .region = kRegion};
  aws::LambdaControl lambda{context, lambda_options};
  aws::LambdaClient invoker{context, lambda_options};
  aws::IamClient iam{context, kRegion, server.url("")};
  aws::LogsClient logs{context, kRegion, server.url("")};
  ZipUpload upload{nullptr, ""};
  SilentListener listener;
  Applier applier{
      DeployServices{lambda, invoker, iam, logs},
      upload,
      listener,
      clock,
      {.ready_within = 5s, .new_role_within = 5s, .role_within = 0s, .first_look = 1ms, .longest_look = 2ms}};

  DesiredFunction wanted{
      .name = "f", .handler = "h", .role = RoleArn{"arn:r"}, .smoke = {.kind = SmokeTest::Kind::none}};
  DeployedFunction there;
  DeployZip zip{.bytes = "zip", .facts = {.code_sha256 = "new=", .bytes = 3}};

  WireReply answer(const WireRequest& request) {
    const auto line = request.method + " " + request.target;
    if (const auto found = scripted.find(line); found != scripted.end()) {
      auto reply = found->second;
      scripted.erase(found);
      return reply;
    }
    if (line == "POST /2015-03-31/functions/f/versions") return WireReply::response(201, R"({"Version":"4"})");
    if (line == "POST /") {
      return WireReply::response(200, "<r><RoleName>r</RoleName><Arn>arn:aws:iam::123456789012:role/r</Arn></r>");
    }
    return WireReply::response(200, R"({"FunctionArn":"arn:f","State":"Active","LastUpdateStatus":"Successful",)"
                                    R"("FunctionUrl":"https://u/"})");
  }

  void script(std::string line, int status, std::string body, const std::string& code = "") {
    std::vector<std::pair<std::string, std::string>> headers;
    if (!code.empty()) headers.emplace_back("x-amzn-ErrorType", code);
    scripted.emplace(std::move(line), WireReply::response(status, std::move(body), headers));
  }

  FunctionResult apply() {
    const auto plan = make_plan(wanted, there, zip.facts, kRegion);
    return run(loop, applier.apply(wanted, there, plan, &zip, kRegion));
  }

  void deployed_with(std::string sha) {
    there.function = aws::FunctionState{.configuration = {.name = "f",
                                                          .arn = "arn:f",
                                                          .runtime = wanted.runtime,
                                                          .handler = "h",
                                                          .role = "arn:r",
                                                          .memory_mb = 512,
                                                          .timeout_seconds = 60,
                                                          .architecture = "x86_64",
                                                          .code_sha256 = sha}};
    there.alias_version = there.function->configuration;
  }

  std::optional<Failure> failure_of_apply() {
    try {
      apply();
    } catch (const Failure& failure) {
      return failure;
    }
    return std::nullopt;
  }

  /// The calls that change something, in their order.
  std::vector<std::string> changes() const {
    std::vector<std::string> lines;
    for (const auto& request : server.requests()) {
      if (request.method != "GET") lines.push_back(request.method + " " + request.target);
    }
    return lines;
  }
};

TEST_F(ApplyTest, CreatesPublishesAndPointsTheAlias) {
  there.alias.reset();
  const auto result = apply();
  EXPECT_THAT(changes(), ElementsAre("POST /2015-03-31/functions", "POST /2015-03-31/functions/f/versions",
                                     "POST /2015-03-31/functions/f/aliases"));
  EXPECT_EQ(result.arn, "arn:f");
  EXPECT_EQ(result.version, "4");
}

TEST_F(ApplyTest, ChangesCodeThenConfigurationThenPublishes) {
  deployed_with("old=");
  wanted.memory_mb = 1024;
  apply();
  EXPECT_THAT(changes(),
              ElementsAre("PUT /2015-03-31/functions/f/code", "PUT /2015-03-31/functions/f/configuration",
                          "POST /2015-03-31/functions/f/versions", "PUT /2015-03-31/functions/f/aliases/live"));
}

TEST_F(ApplyTest, DoesNothingWhereNothingIsToBeDone) {
  deployed_with("new=");
  EXPECT_EQ(apply().version, "3");
  EXPECT_TRUE(server.requests().empty());
}

TEST_F(ApplyTest, WaitsUntilTheFunctionIsReady) {
  there.alias.reset();
  const auto look = "GET /2015-03-31/functions/f/configuration";
  script(look, 200, R"({"State":"Pending","StateReason":"Creating"})");
  script(look, 200, R"({"State":"Active","LastUpdateStatus":"InProgress"})");
  apply();
  EXPECT_THAT(listener.waited_for, ElementsAre("until it is ready"));
  EXPECT_TRUE(scripted.empty());
}

TEST_F(ApplyTest, SaysWhyAFunctionFailed) {
  there.alias.reset();
  script("GET /2015-03-31/functions/f/configuration", 200, R"({"State":"Failed","StateReason":"no such image"})");
  const auto failure = failure_of_apply();
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->kind(), FailureKind::function_error);
  EXPECT_THAT(failure->what(), HasSubstr("f has failed: no such image"));
  EXPECT_THAT(changes(), Not(Contains("POST /2015-03-31/functions/f/versions")));
}

TEST_F(ApplyTest, WaitsForARoleThatIsNotReady) {
  there.alias.reset();
  wanted.role = OwnRole{.name = "r"};
  for (int i = 0; i < 3; ++i) {
    script("POST /2015-03-31/functions", 400,
           R"({"message":"The role defined for the function cannot be assumed by Lambda."})",
           "InvalidParameterValueException");
  }
  apply();
  EXPECT_THAT(listener.waited_for, Contains("until Lambda can take on its role"));
  EXPECT_THAT(listener.steps, ElementsAre(StepKind::create_role, StepKind::put_role_policy, StepKind::create_function,
                                          StepKind::publish_version, StepKind::move_alias));
}

TEST_F(ApplyTest, SharesARoleThatAnotherFunctionOfTheFileHasMade) {
  there.alias.reset();
  wanted.role = OwnRole{.name = "r"};
  script("POST /", 409, "<ErrorResponse><Error><Code>EntityAlreadyExists</Code></Error></ErrorResponse>");
  EXPECT_EQ(apply().version, "4");
  EXPECT_THAT(server.requests().at(1).body, HasSubstr("Action=GetRole"));
}

TEST_F(ApplyTest, DoesNotWaitForWhatWillNotPass) {
  there.alias.reset();
  script("POST /2015-03-31/functions", 400, R"({"message":"Unzipped size must be smaller than 262144000 bytes"})",
         "InvalidParameterValueException");
  EXPECT_EQ(failure_of_apply()->kind(), FailureKind::bad_request);
  EXPECT_EQ(changes().size(), 1U);
}

TEST_F(ApplyTest, WaitsForAnUpdateOfSomebodyElse) {
  deployed_with("old=");
  for (int i = 0; i < 2; ++i) {
    script("PUT /2015-03-31/functions/f/code", 409, R"({"message":"An update is in progress"})",
           "ResourceConflictException");
  }
  EXPECT_EQ(apply().version, "4");
  EXPECT_THAT(listener.waited_for, Contains("until another update is over"));
}

TEST_F(ApplyTest, MovesTheAliasBackAfterAFailedSmokeTest) {
  deployed_with("old=");
  wanted.smoke = {.kind = SmokeTest::Kind::call, .payload = "{}"};
  scripted.emplace(
      "POST /2015-03-31/functions/f/invocations?Qualifier=live",
      WireReply::response(200, R"({"errorType":"E","errorMessage":"m"})", {{"X-Amz-Function-Error", "Unhandled"}}));
  const auto failure = failure_of_apply();
  ASSERT_TRUE(failure);
  EXPECT_THAT(failure->what(), HasSubstr("the smoke test of f failed: E: m; the alias live is back at version 3"));
  EXPECT_EQ(server.requests().back().target, "/2015-03-31/functions/f/aliases/live");
  EXPECT_EQ(server.requests().back().body, R"({"FunctionVersion":"3"})");
}

TEST_F(ApplyTest, SaysWhenThereIsNoVersionToGoBackTo) {
  there.alias.reset();
  wanted.smoke = {.kind = SmokeTest::Kind::call, .payload = "{}"};
  script("POST /2015-03-31/functions/f/invocations?Qualifier=live", 200, R"({"statusCode":500})");
  EXPECT_THAT(failure_of_apply()->what(), HasSubstr("there is no version before it"));
}

TEST_F(ApplyTest, GivesAPublicUrlBothOfItsPermissions) {
  deployed_with("new=");
  wanted.url = WantedUrl{.auth = WantedUrl::Auth::none};
  EXPECT_EQ(apply().url, "https://u/");
  const auto requests = server.requests();
  EXPECT_THAT(changes(), ElementsAre("POST /2021-10-31/functions/f/url?Qualifier=live",
                                     "POST /2015-03-31/functions/f/policy?Qualifier=live",
                                     "POST /2015-03-31/functions/f/policy?Qualifier=live"));
  EXPECT_THAT(requests.at(requests.size() - 2).body,
              HasSubstr(R"("Action":"lambda:InvokeFunctionUrl","Principal":"*","FunctionUrlAuthType":"NONE")"));
  EXPECT_THAT(requests.back().body,
              HasSubstr(R"("Action":"lambda:InvokeFunction","Principal":"*","InvokedViaFunctionUrl":true)"));
}

TEST_F(ApplyTest, ShutsAUrlThatWasPublic) {
  deployed_with("new=");
  there.url = aws::FunctionUrlConfiguration{"https://u/", "NONE", "BUFFERED"};
  there.permissions = {std::string(kUrlStatement), std::string(kUrlInvokeStatement)};
  wanted.url = WantedUrl{.auth = WantedUrl::Auth::iam};
  apply();
  EXPECT_THAT(changes(), ElementsAre("DELETE /2015-03-31/functions/f/policy/creel-url?Qualifier=live",
                                     "DELETE /2015-03-31/functions/f/policy/creel-url-invoke?Qualifier=live",
                                     "PUT /2021-10-31/functions/f/url?Qualifier=live"));
}

TEST_F(ApplyTest, NeedsABucketForALargeZip) {
  there.alias.reset();
  zip.facts.bytes = 52'428'801;
  EXPECT_THAT(failure_of_apply()->what(), HasSubstr("--s3-bucket"));
  EXPECT_TRUE(changes().empty());
}

struct ReadinessRow {
  std::string state;
  std::string status;
  Readiness::Word word;
};

TEST(Readiness, GoesByStateAndLastUpdate) {
  using enum Readiness::Word;
  const std::vector<ReadinessRow> rows{{"Active", "Successful", ready},    {"Active", "", ready},
                                       {"Inactive", "Successful", ready},  {"", "", ready},
                                       {"Pending", "InProgress", waiting}, {"Active", "InProgress", waiting},
                                       {"Failed", "Successful", failed},   {"Active", "Failed", failed}};
  for (const auto& row : rows) {
    aws::FunctionConfiguration configuration;
    configuration.state = row.state;
    configuration.last_update_status = row.status;
    EXPECT_EQ(readiness_of(configuration).word, row.word) << row.state << " " << row.status;
  }
}

TEST(SmokeTestVerdict, IsThatOfTheAnswer) {
  EXPECT_TRUE(judge_smoke({.status = 200, .payload = R"({"statusCode":200})"}).passed);
  EXPECT_TRUE(judge_smoke({.status = 200, .payload = "null"}).passed);
  EXPECT_TRUE(judge_smoke({.status = 204}).passed);
  EXPECT_FALSE(judge_smoke({.status = 200, .payload = R"({"statusCode":400})"}).passed);
  const auto failed =
      judge_smoke({.status = 200, .payload = R"({"errorType":"T","errorMessage":"m"})", .function_error = "Unhandled"});
  EXPECT_FALSE(failed.passed);
  EXPECT_EQ(failed.text, "T: m");
}

TEST(VersionBefore, IsTheGreatestThatIsSmaller) {
  std::vector<aws::FunctionConfiguration> versions(4);
  versions[0].version = "1";
  versions[1].version = "9";
  versions[2].version = "10";
  versions[3].version = "11";
  EXPECT_EQ(version_before(versions, "11"), "10");
  EXPECT_EQ(version_before(versions, "10"), "9");
  EXPECT_EQ(version_before(versions, "5"), "1");
  EXPECT_EQ(version_before(versions, "1"), std::nullopt);
}

}  // namespace
}  // namespace creel::deploy

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "emulator/control_fixture.h"

namespace creel::emulator {
namespace {

namespace json = boost::json;

using ::testing::HasSubstr;

constexpr auto kArn = "arn:aws:lambda:eu-central-1:123456789012:function:f";

/// A function that is there already.
class ControlSettings : public ControlFixture, public ::testing::Test {
 protected:
  ControlSettings() { create(); }

  Answer of_function(const std::string& method, const std::string& rest, const json::object& body = {}) {
    return call(method, "2015-03-31/functions/f/" + rest, body);
  }

  Answer tags(const std::string& method, const json::object& body = {}, const std::string& query = "") {
    return call(method, "2017-03-31/tags/" + percent_encode(kArn) + query, body);
  }
};

TEST_F(ControlSettings, PublishVersionsThatDifferAlone) {
  EXPECT_EQ(of_function("POST", "versions", {{"Description", "first"}}).body.at("Version"), "1");
  EXPECT_EQ(of_function("POST", "versions").body.at("Version"), "1");
  update_code("#!/bin/sh\n");
  EXPECT_EQ(of_function("POST", "versions").body.at("Version"), "1");
  update_code("#!/bin/bash\n");
  EXPECT_EQ(of_function("POST", "versions").body.at("Version"), "2");
  of_function("PUT", "configuration", {{"Timeout", 9}});
  EXPECT_EQ(of_function("POST", "versions").body.at("Version"), "3");

  const auto list = of_function("GET", "versions").body.at("Versions").as_array();
  ASSERT_EQ(list.size(), 4U);
  EXPECT_EQ(list[0].at("Version"), "$LATEST");
  EXPECT_EQ(list[0].at("FunctionArn"), json::value(std::string(kArn) + ":$LATEST"));
  EXPECT_EQ(list[1].at("Description"), "first");
  EXPECT_EQ(list[3].at("Timeout"), 9);
}

TEST_F(ControlSettings, PublishTheCodeThatIsMeantOrNothing) {
  const auto refused = of_function("POST", "versions", {{"CodeSha256", "other"}});
  EXPECT_EQ(refused.status, 400);
  EXPECT_THAT(refused.message, HasSubstr("CodeSHA256 (other) is different from current CodeSHA256 in $LATEST ("));
  EXPECT_EQ(of_function("POST", "versions", {{"RevisionId", "other"}}).status, 412);
}

TEST_F(ControlSettings, PointAliasesToVersions) {
  of_function("POST", "versions");
  const auto made = of_function("POST", "aliases", {{"Name", "live"}, {"FunctionVersion", "1"}, {"Description", "it"}});
  ASSERT_EQ(made.status, 201) << made.message;
  EXPECT_EQ(made.body.at("AliasArn"), json::value(std::string(kArn) + ":live"));
  EXPECT_EQ(of_function("POST", "aliases", {{"Name", "live"}, {"FunctionVersion", "1"}}).message,
            std::string("Alias already exists: ") + kArn + ":live");
  EXPECT_EQ(of_function("GET", "aliases/live").body, made.body);
  EXPECT_EQ(call("GET", "2015-03-31/functions/f/configuration?Qualifier=live").body.at("Version"), "1");

  update_code("#!/bin/bash\n", {{"Publish", true}});
  const auto revision = made.body.at("RevisionId");
  const auto moved = of_function("PUT", "aliases/live", {{"FunctionVersion", "2"}, {"RevisionId", revision}});
  EXPECT_EQ(moved.body.at("FunctionVersion"), "2");
  EXPECT_EQ(moved.body.at("Description"), "it");
  EXPECT_EQ(of_function("PUT", "aliases/live", {{"FunctionVersion", "1"}, {"RevisionId", revision}}).status, 412);
  EXPECT_EQ(of_function("GET", "aliases?FunctionVersion=1").body.at("Aliases").as_array().size(), 0U);
  EXPECT_EQ(of_function("GET", "aliases").body.at("Aliases").as_array().size(), 1U);
  EXPECT_EQ(of_function("DELETE", "aliases/live").status, 204);
  EXPECT_EQ(of_function("GET", "aliases/live").message, std::string("Cannot find alias arn: ") + kArn + ":live");
}

TEST_F(ControlSettings, ShareCallsBetweenVersions) {
  of_function("POST", "versions");
  update_code("#!/bin/bash\n", {{"Publish", true}});
  const auto weighted = [](const std::string& version, double weight) {
    return json::object{{"Name", "live"},
                        {"FunctionVersion", "1"},
                        {"RoutingConfig", {{"AdditionalVersionWeights", {{version, weight}}}}}};
  };
  EXPECT_EQ(of_function("POST", "aliases", weighted("1", 0.5)).status, 400);
  EXPECT_EQ(of_function("POST", "aliases", weighted("2", 1.5)).status, 400);
  EXPECT_EQ(of_function("POST", "aliases", weighted("7", 0.5)).status, 404);
  EXPECT_EQ(of_function("POST", "aliases", weighted("$LATEST", 0.5)).status, 400);
  const auto made = of_function("POST", "aliases", weighted("2", 0.25));
  ASSERT_EQ(made.status, 201) << made.message;
  EXPECT_EQ(made.body.at("RoutingConfig").at("AdditionalVersionWeights").at("2"), 0.25);
  const auto undone = of_function("PUT", "aliases/live", {{"RoutingConfig", json::object()}});
  EXPECT_FALSE(undone.body.contains("RoutingConfig"));
}

TEST_F(ControlSettings, RefuseAliasesThatCannotBe) {
  for (const auto* name : {"", "1", "a b"}) {
    EXPECT_EQ(of_function("POST", "aliases", {{"Name", name}, {"FunctionVersion", "$LATEST"}}).status, 400) << name;
  }
  EXPECT_EQ(of_function("POST", "aliases", {{"Name", "live"}}).status, 400);
  EXPECT_EQ(of_function("POST", "aliases", {{"Name", "live"}, {"FunctionVersion", "1"}}).message,
            std::string("Function not found: ") + kArn + ":1");
}

TEST_F(ControlSettings, KeepTags) {
  EXPECT_EQ(tags("POST", {{"Tags", {{"team", "images"}, {"stage", "test"}, {"x", "y"}}}}).status, 204);
  EXPECT_EQ(tags("DELETE", {}, "?tagKeys=stage&tagKeys=x").status, 204);
  EXPECT_EQ(tags("GET").body.at("Tags"), (json::object{{"team", "images"}}));
  EXPECT_EQ(call("GET", "2017-03-31/tags/f").status, 400);
  json::object many;
  for (int i = 0; i < 51; ++i) many[std::to_string(i)] = "x";
  EXPECT_EQ(tags("POST", {{"Tags", many}}).status, 400);
}

TEST_F(ControlSettings, ReserveConcurrency) {
  const auto put = [this](int number) {
    return call("PUT", "2017-10-31/functions/f/concurrency", {{"ReservedConcurrentExecutions", number}});
  };
  EXPECT_EQ(call("GET", "2019-09-30/functions/f/concurrency").body, json::object());
  EXPECT_EQ(put(5).body.at("ReservedConcurrentExecutions"), 5);
  EXPECT_EQ(call("GET", "2019-09-30/functions/f/concurrency").body.at("ReservedConcurrentExecutions"), 5);
  EXPECT_EQ(call("GET", "2015-03-31/functions/f").body.at("Concurrency").at("ReservedConcurrentExecutions"), 5);
  EXPECT_THAT(put(901).message, HasSubstr("below its minimum value of [100]"));
  EXPECT_EQ(put(-1).status, 400);
  EXPECT_EQ(call("DELETE", "2017-10-31/functions/f/concurrency").status, 204);
  EXPECT_FALSE(registry_.find("f")->reserved_concurrency.has_value());
}

TEST_F(ControlSettings, KeepWhatBecomesOfEvents) {
  const std::string path = "2019-09-25/functions/f/event-invoke-config";
  EXPECT_EQ(call("GET", path).status, 404);
  EXPECT_EQ(call("POST", path, {{"MaximumRetryAttempts", 1}}).status, 404);
  const auto put = call("PUT", path,
                        {{"MaximumRetryAttempts", 0},
                         {"DestinationConfig", {{"OnFailure", {{"Destination", "arn:aws:sqs:eu-central-1:1:q"}}}}}});
  ASSERT_EQ(put.status, 200) << put.message;
  EXPECT_EQ(put.body.at("FunctionArn"), json::value(std::string(kArn) + ":$LATEST"));
  EXPECT_EQ(put.body.at("DestinationConfig").at("OnFailure").at("Destination"), "arn:aws:sqs:eu-central-1:1:q");
  const auto changed = call("POST", path, {{"MaximumEventAgeInSeconds", 60}});
  EXPECT_EQ(changed.body.at("MaximumRetryAttempts"), 0);
  EXPECT_EQ(changed.body.at("MaximumEventAgeInSeconds"), 60);
  EXPECT_FALSE(call("PUT", path, {{"MaximumRetryAttempts", 2}}).body.contains("MaximumEventAgeInSeconds"));
  EXPECT_EQ(call("PUT", path, {{"MaximumRetryAttempts", 3}}).status, 400);
  EXPECT_EQ(call("GET", path + "/list").body.at("FunctionEventInvokeConfigs").as_array().size(), 1U);
  EXPECT_EQ(call("DELETE", path).status, 204);
  EXPECT_EQ(call("DELETE", path).status, 404);
}

TEST_F(ControlSettings, GiveFunctionsAddresses) {
  const std::string path = "2021-10-31/functions/f/url";
  EXPECT_EQ(call("GET", path).status, 404);
  EXPECT_EQ(call("POST", path).status, 400);
  const auto made = call("POST", path, {{"AuthType", "NONE"}, {"Cors", {{"AllowOrigins", {"*"}}}}});
  ASSERT_EQ(made.status, 201) << made.message;
  EXPECT_EQ(made.body.at("FunctionUrl"), "http://127.0.0.1:9000/lambda-url/f/");
  EXPECT_EQ(made.body.at("InvokeMode"), "BUFFERED");
  EXPECT_EQ(call("POST", path, {{"AuthType", "NONE"}}).status, 409);
  const auto changed = call("PUT", path, {{"InvokeMode", "RESPONSE_STREAM"}});
  EXPECT_EQ(changed.body.at("InvokeMode"), "RESPONSE_STREAM");
  EXPECT_EQ(changed.body.at("Cors").at("AllowOrigins"), json::array{"*"});
  EXPECT_EQ(call("PUT", path, {{"AuthType", "MAYBE"}}).status, 400);
  EXPECT_EQ(call("POST", path + "?Qualifier=live", {{"AuthType", "NONE"}}).status, 404);
  EXPECT_EQ(call("GET", path + "s").body.at("FunctionUrlConfigs").as_array().size(), 1U);
  EXPECT_EQ(call("DELETE", path).status, 204);
  EXPECT_EQ(call("DELETE", path).status, 404);
}

TEST_F(ControlSettings, KeepPermissions) {
  EXPECT_EQ(of_function("GET", "policy").status, 404);
  const auto added = of_function("POST", "policy",
                                 {{"StatementId", "url"},
                                  {"Action", "lambda:InvokeFunctionUrl"},
                                  {"Principal", "*"},
                                  {"FunctionUrlAuthType", "NONE"}});
  ASSERT_EQ(added.status, 201) << added.message;
  const auto statement = json::parse(added.body.at("Statement").as_string());
  EXPECT_EQ(statement, (json::object{{"Sid", "url"},
                                     {"Effect", "Allow"},
                                     {"Principal", "*"},
                                     {"Action", "lambda:InvokeFunctionUrl"},
                                     {"Resource", kArn},
                                     {"Condition", {{"StringEquals", {{"lambda:FunctionUrlAuthType", "NONE"}}}}}}));
  const json::object second{{"StatementId", "s3"},
                            {"Action", "lambda:InvokeFunction"},
                            {"Principal", "s3.amazonaws.com"},
                            {"SourceArn", "arn:aws:s3:::b"},
                            {"InvokedViaFunctionUrl", true}};
  EXPECT_EQ(of_function("POST", "policy", second).status, 201);
  EXPECT_EQ(of_function("POST", "policy", second).status, 409);
  const auto got = of_function("GET", "policy");
  const auto policy = json::parse(got.body.at("Policy").as_string());
  EXPECT_EQ(policy.at("Statement").as_array().size(), 2U);
  EXPECT_EQ(policy.at("Statement").at(1).at("Principal").at("Service"), "s3.amazonaws.com");
  EXPECT_EQ(policy.at("Statement").at(1).at("Condition").at("ArnLike").at("AWS:SourceArn"), "arn:aws:s3:::b");
  EXPECT_EQ(policy.at("Statement").at(1).at("Condition").at("Bool").at("lambda:InvokedViaFunctionUrl"), "true");

  EXPECT_EQ(of_function("DELETE", "policy/url?RevisionId=other").status, 412);
  EXPECT_EQ(of_function("DELETE", "policy/url").status, 204);
  EXPECT_EQ(of_function("DELETE", "policy/url").message, "Statement url is not found in resource policy.");
}

TEST_F(ControlSettings, RefusePermissionsThatSayTooLittle) {
  EXPECT_EQ(of_function("POST", "policy", {{"StatementId", "x"}}).status, 400);
  EXPECT_EQ(of_function("POST", "policy", {{"StatementId", "x"}, {"Action", "s3:Get"}, {"Principal", "*"}}).status,
            400);
}

TEST_F(ControlSettings, TellOfTheAccount) {
  call("PUT", "2017-10-31/functions/f/concurrency", {{"ReservedConcurrentExecutions", 10}});
  const auto account = call("GET", "2016-08-19/account-settings/");
  EXPECT_EQ(account.body.at("AccountLimit").at("UnreservedConcurrentExecutions"), 990);
  EXPECT_EQ(account.body.at("AccountUsage").at("FunctionCount"), 1);
  EXPECT_EQ(account.body.at("AccountUsage").at("TotalCodeSize"), zip().size());
}

TEST_F(ControlSettings, AnswerToolsThatAskForWhatThereIsNoneOf) {
  EXPECT_EQ(call("GET", "2020-06-30/functions/f/code-signing-config").body.at("FunctionName"), "f");
  EXPECT_EQ(call("GET", "2021-07-20/functions/f/runtime-management-config").body.at("UpdateRuntimeOn"), "Auto");
  EXPECT_EQ(call("GET", "2024-08-31/functions/f/recursion-config").body.at("RecursiveLoop"), "Terminate");
  EXPECT_EQ(call("GET", "2019-09-30/functions/f/provisioned-concurrency?List=ALL").status, 200);
}

}  // namespace
}  // namespace creel::emulator

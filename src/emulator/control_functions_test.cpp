#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/hash.h"
#include "base/text.h"
#include "emulator/control_fixture.h"

namespace creel::emulator {
namespace {

namespace json = boost::json;

using namespace std::chrono_literals;
using ::testing::HasSubstr;

constexpr auto kArn = "arn:aws:lambda:eu-central-1:123456789012:function:f";
constexpr auto kFunction = "2015-03-31/functions/f";
constexpr auto kConfiguration = "2015-03-31/functions/f/configuration";

class ControlFunctions : public ControlFixture, public ::testing::Test {};

TEST_F(ControlFunctions, AreMadeWithTheDefaultsOfTheService) {
  const auto made = create();
  ASSERT_EQ(made.status, 201) << made.message;
  EXPECT_EQ(made.body.at("FunctionName"), "f");
  EXPECT_EQ(made.body.at("FunctionArn"), kArn);
  EXPECT_EQ(made.body.at("Timeout"), 3);
  EXPECT_EQ(made.body.at("MemorySize"), 128);
  EXPECT_EQ(made.body.at("Version"), "$LATEST");
  EXPECT_EQ(made.body.at("PackageType"), "Zip");
  EXPECT_EQ(made.body.at("Architectures"), json::array{"x86_64"});
  EXPECT_EQ(made.body.at("LastModified"), "2026-01-01T00:00:00.000+0000");
  EXPECT_EQ(made.body.at("CodeSize"), zip().size());
  EXPECT_EQ(made.body.at("CodeSha256"), json::value(base64_encode(sha256(zip()))));
  EXPECT_EQ(made.body.at("LoggingConfig").at("LogGroup"), "/aws/lambda/f");
  EXPECT_FALSE(made.body.contains("Environment"));
}

TEST_F(ControlFunctions, KeepWhatTheyWereMadeWith) {
  const auto made = create({{"Timeout", 30},
                            {"MemorySize", 512},
                            {"Description", "it is"},
                            {"Architectures", json::array{"arm64"}},
                            {"Environment", {{"Variables", {{"STAGE", "test"}}}}},
                            {"EphemeralStorage", {{"Size", 1024}}},
                            {"TracingConfig", {{"Mode", "Active"}}},
                            {"LoggingConfig", {{"LogFormat", "JSON"}, {"ApplicationLogLevel", "DEBUG"}}},
                            {"Tags", {{"team", "images"}}}});
  ASSERT_EQ(made.status, 201) << made.message;
  const auto got = call("GET", kFunction);
  const auto& configuration = got.body.at("Configuration");
  EXPECT_EQ(configuration.at("Timeout"), 30);
  EXPECT_EQ(configuration.at("MemorySize"), 512);
  EXPECT_EQ(configuration.at("Description"), "it is");
  EXPECT_EQ(configuration.at("Architectures"), json::array{"arm64"});
  EXPECT_EQ(configuration.at("Environment").at("Variables").at("STAGE"), "test");
  EXPECT_EQ(configuration.at("EphemeralStorage").at("Size"), 1024);
  EXPECT_EQ(configuration.at("TracingConfig").at("Mode"), "Active");
  EXPECT_EQ(configuration.at("LoggingConfig").at("ApplicationLogLevel"), "DEBUG");
  EXPECT_EQ(got.body.at("Tags").at("team"), "images");
  EXPECT_EQ(got.body.at("Code").at("Location"), "http://127.0.0.1:9000/function-code/f/latest.zip");
}

TEST_F(ControlFunctions, ArePendingUntilTheDelayIsOver) {
  ControlFixture slow(500ms);
  const auto made = slow.create();
  EXPECT_EQ(made.body.at("State"), "Pending");
  EXPECT_EQ(made.body.at("StateReasonCode"), "Creating");
  const auto early = slow.update_code("#!/bin/bash\n");
  EXPECT_EQ(early.status, 409);
  EXPECT_EQ(early.error, "ResourceConflictException");
  EXPECT_THAT(early.message, HasSubstr("Pending"));

  slow.loop_.restart();
  slow.loop_.run();
  EXPECT_EQ(slow.call("GET", kConfiguration).body.at("State"), "Active");
  EXPECT_EQ(slow.call("GET", kConfiguration).body.at("LastUpdateStatus"), "Successful");
}

TEST_F(ControlFunctions, RefuseAnUpdateWhileOneIsInProgress) {
  ControlFixture slow(500ms);
  slow.create();
  slow.loop_.restart();
  slow.loop_.run();
  EXPECT_EQ(slow.update_code("#!/bin/bash\n").body.at("LastUpdateStatus"), "InProgress");
  for (const auto& answer :
       {slow.call("PUT", kConfiguration, {{"Timeout", 5}}), slow.call("POST", std::string(kFunction) + "/versions")}) {
    EXPECT_EQ(answer.status, 409);
    EXPECT_EQ(
        answer.message,
        std::string("The operation cannot be performed at this time. An update is in progress for resource: ") + kArn);
  }
  slow.loop_.restart();
  slow.loop_.run();
  EXPECT_EQ(slow.call("PUT", kConfiguration, {{"Timeout", 5}}).status, 200);
}

TEST_F(ControlFunctions, AreMadeOnce) {
  create();
  const auto again = create();
  EXPECT_EQ(again.status, 409);
  EXPECT_EQ(again.message, "Function already exist: f");
}

TEST_F(ControlFunctions, RefuseWrongValuesWithTheWordsOfTheService) {
  const auto refusal = [this](const json::object& more) { return create(more).message; };
  EXPECT_EQ(
      refusal({{"MemorySize", 64}}),
      "1 validation error detected: Value '64' at 'memorySize' failed to satisfy constraint: Member must have value "
      "greater than or equal to 128");
  EXPECT_EQ(
      refusal({{"Timeout", 901}}),
      "1 validation error detected: Value '901' at 'timeout' failed to satisfy constraint: Member must have value "
      "less than or equal to 900");
  EXPECT_THAT(refusal({{"Role", "admin"}}), HasSubstr("Value 'admin' at 'role' failed to satisfy constraint"));
  EXPECT_THAT(refusal({{"Role", std::string(100'000, 'a')}}), HasSubstr("length"));
  EXPECT_THAT(refusal({{"FunctionName", "not a name"}}), HasSubstr("at 'functionName' failed to satisfy"));
  EXPECT_THAT(refusal({{"Runtime", "python3.13"}}), HasSubstr("provided.al2023"));
  EXPECT_THAT(refusal({{"Handler", nullptr}}), HasSubstr("Runtime and Handler are mandatory parameters"));
  EXPECT_THAT(refusal({{"Architectures", {"x86_64", "arm64"}}}), HasSubstr("at 'architectures'"));
  EXPECT_THAT(refusal({{"Layers", json::array{"1", "2", "3", "4", "5", "6"}}}), "Cannot reference more than 5 layers.");
  EXPECT_THAT(refusal({{"PackageType", "Image"}}), HasSubstr("Zip"));
  EXPECT_THAT(refusal({{"Timeout", "soon"}}), HasSubstr("Timeout"));
  EXPECT_EQ(create({{"Timeout", "soon"}}).error, "SerializationException");
}

TEST_F(ControlFunctions, RefuseEnvironmentsThatCannotBe) {
  const auto refusal = [this](const json::object& variables) {
    return create({{"Environment", {{"Variables", variables}}}}).message;
  };
  EXPECT_THAT(refusal({{"AWS_REGION", "x"}, {"_HANDLER", "y"}}),
              HasSubstr("Reserved keys used in this request: AWS_REGION, _HANDLER"));
  EXPECT_THAT(refusal({{"A", "x"}}), HasSubstr("[a-zA-Z]([a-zA-Z0-9_])+"));
  EXPECT_THAT(refusal({{"LONG", std::string(4093, 'x')}}), HasSubstr("exceeded the 4KB limit. String measured: {"));
  EXPECT_EQ(create({{"Environment", {{"Variables", {{"LONG", std::string(4092, 'x')}}}}}}).status, 201);
}

TEST_F(ControlFunctions, RefuseCodeThatCannotBeUsed) {
  const auto refusal = [this](const json::object& code) { return create({{"Code", code}}).message; };
  EXPECT_EQ(refusal({{"ZipFile", base64_encode("hello")}}),
            "Could not unzip uploaded file. Please check your file, then try to upload again.");
  EXPECT_EQ(refusal({{"ZipFile", "!"}}), "ZipFile is not Base64");
  EXPECT_EQ(refusal({}), "Please provide a source for function code.");
  EXPECT_THAT(refusal({{"S3Bucket", "b"}, {"S3Key", "k"}}), HasSubstr("--s3-endpoint-url"));
  EXPECT_THAT(refusal({{"ImageUri", "x"}}), HasSubstr("no container images"));
  const auto bomb = write_zip({{.name = "bootstrap", .mode = 0755, .bytes = std::string(262'144'001, '\0')}});
  EXPECT_EQ(refusal({{"ZipFile", base64_encode(bomb)}}), "Unzipped size must be smaller than 262144000 bytes");
  EXPECT_EQ(registry_.find("f"), nullptr);
}

TEST_F(ControlFunctions, ChangeTheirConfigurationWhereItIsSaid) {
  create({{"Description", "it is"}});
  const auto changed = call("PUT", kConfiguration, {{"MemorySize", 256}});
  EXPECT_EQ(changed.body.at("MemorySize"), 256);
  EXPECT_EQ(changed.body.at("Description"), "it is");
  EXPECT_EQ(changed.body.at("Handler"), "hello");
}

TEST_F(ControlFunctions, RefuseAChangeOfAnotherRevision) {
  const auto revision = create().body.at("RevisionId");
  EXPECT_EQ(call("PUT", kConfiguration, {{"Timeout", 5}, {"RevisionId", revision}}).status, 200);
  const auto late = call("PUT", kConfiguration, {{"Timeout", 6}, {"RevisionId", revision}});
  EXPECT_EQ(late.status, 412);
  EXPECT_EQ(late.error, "PreconditionFailedException");
  EXPECT_EQ(update_code("#!/bin/bash\n", {{"RevisionId", revision}}).status, 412);
}

TEST_F(ControlFunctions, ChangeTheirCode) {
  create();
  const auto changed = update_code("#!/bin/bash\n", {{"Architectures", json::array{"arm64"}}});
  EXPECT_EQ(changed.status, 200) << changed.message;
  EXPECT_EQ(changed.body.at("CodeSha256"), json::value(base64_encode(sha256(zip("#!/bin/bash\n")))));
  EXPECT_EQ(changed.body.at("Architectures"), json::array{"arm64"});
}

TEST_F(ControlFunctions, OnlyCheckTheirCodeInADryRun) {
  const auto revision = create().body.at("RevisionId");
  const auto checked = update_code("#!/bin/bash\n", {{"DryRun", true}});
  EXPECT_EQ(checked.body.at("CodeSha256"), json::value(base64_encode(sha256(zip("#!/bin/bash\n")))));
  const auto now = call("GET", kConfiguration);
  EXPECT_EQ(now.body.at("CodeSha256"), json::value(base64_encode(sha256(zip()))));
  EXPECT_EQ(now.body.at("RevisionId"), revision);
}

TEST_F(ControlFunctions, ArePublishedWithTheirCode) {
  EXPECT_EQ(create({{"Publish", true}}).body.at("Version"), "1");
  const auto changed = update_code("#!/bin/bash\n", {{"Publish", true}});
  EXPECT_EQ(changed.body.at("Version"), "2");
  EXPECT_EQ(changed.body.at("FunctionArn"), json::value(std::string(kArn) + ":2"));
}

TEST_F(ControlFunctions, UnpackTheSameCodeOnce) {
  create();
  const auto code = registry_.find("f")->latest.deployment->code;
  update_code("#!/bin/bash\n", {{"Publish", true}});
  update_code("#!/bin/sh\n");
  update_code("#!/bin/bash\n");
  EXPECT_EQ(registry_.find("f")->latest.deployment->code, registry_.find("f")->versions.at(1).deployment->code);
}

TEST_F(ControlFunctions, AreFoundByNameArnAndQualifier) {
  create({{"Publish", true}});
  EXPECT_EQ(call("GET", std::string("2015-03-31/functions/") + percent_encode(kArn)).status, 200);
  EXPECT_EQ(call("GET", std::string(kFunction) + "?Qualifier=1").body.at("Configuration").at("Version"), "1");
  EXPECT_EQ(call("GET", std::string(kFunction) + "?Qualifier=$LATEST").body.at("Configuration").at("FunctionArn"),
            json::value(std::string(kArn) + ":$LATEST"));
  const auto missing = call("GET", std::string(kFunction) + "?Qualifier=7");
  EXPECT_EQ(missing.status, 404);
  EXPECT_EQ(missing.message, std::string("Function not found: ") + kArn + ":7");
  EXPECT_EQ(call("GET", "2015-03-31/functions/g").error, "ResourceNotFoundException");
}

TEST_F(ControlFunctions, GiveTheirCodeBack) {
  create();
  MadeCall download("GET", "/function-code/f/latest.zip", "");
  EXPECT_EQ(testing::run(loop_, control_.handle(download)).body, zip());
}

TEST_F(ControlFunctions, AreListedPageByPage) {
  for (const auto* name : {"a", "b", "c"}) create({{"FunctionName", name}});
  const auto first = call("GET", "2015-03-31/functions/?MaxItems=2");
  ASSERT_EQ(first.body.at("Functions").as_array().size(), 2U);
  EXPECT_EQ(first.body.at("Functions").at(0).at("FunctionName"), "a");
  EXPECT_FALSE(first.body.at("Functions").at(0).as_object().contains("State"));
  const auto marker = std::string(first.body.at("NextMarker").as_string());
  const auto second = call("GET", "2015-03-31/functions/?MaxItems=2&Marker=" + marker);
  ASSERT_EQ(second.body.at("Functions").as_array().size(), 1U);
  EXPECT_FALSE(second.body.contains("NextMarker"));
  EXPECT_EQ(call("GET", "2015-03-31/functions?FunctionVersion=ALL").body.at("Functions").as_array().size(), 3U);
  EXPECT_EQ(call("GET", "2015-03-31/functions?MaxItems=0").status, 400);
  EXPECT_EQ(call("GET", "2015-03-31/functions?MaxItems=x").status, 400);
  EXPECT_EQ(call("GET", "2015-03-31/functions?Marker=99").body.at("Functions").as_array().size(), 0U);
}

TEST_F(ControlFunctions, AreDeletedWithAllTheyHave) {
  create({{"Publish", true}});
  EXPECT_EQ(call("DELETE", kFunction).status, 204);
  EXPECT_EQ(call("GET", kFunction).status, 404);
  EXPECT_EQ(call("DELETE", kFunction).status, 404);
  EXPECT_EQ(create({{"Publish", true}}).body.at("Version"), "1");
}

TEST_F(ControlFunctions, LoseSingleVersionsThatNoAliasNeeds) {
  create({{"Publish", true}});
  call("POST", std::string(kFunction) + "/aliases", {{"Name", "live"}, {"FunctionVersion", "1"}});
  EXPECT_EQ(call("DELETE", std::string(kFunction) + "?Qualifier=1").message,
            "Unable to delete version because the following aliases reference it: [live]");
  EXPECT_EQ(call("DELETE", std::string(kFunction) + "?Qualifier=$LATEST").status, 400);
  call("DELETE", std::string(kFunction) + "/aliases/live");
  EXPECT_EQ(call("DELETE", std::string(kFunction) + "?Qualifier=1").status, 204);
  EXPECT_EQ(call("GET", std::string(kFunction) + "?Qualifier=1").status, 404);
  EXPECT_EQ(call("GET", kFunction).status, 200);
}

TEST_F(ControlFunctions, AreNotMadeFromWhatIsNoJson) {
  MadeCall broken("POST", "/2015-03-31/functions", "{");
  EXPECT_THROW(testing::run(loop_, control_.handle(broken)), ServiceError);
  MadeCall list("POST", "/2015-03-31/functions", "[]");
  EXPECT_THROW(testing::run(loop_, control_.handle(list)), ServiceError);
}

TEST_F(ControlFunctions, HaveNoOtherOperations) {
  EXPECT_EQ(call("PATCH", kFunction).error, "UnknownOperationException");
  EXPECT_EQ(call("GET", "").status, 404);
  EXPECT_EQ(call("GET", "2015-03-31/event-source-mappings").status, 404);
}

}  // namespace
}  // namespace creel::emulator

#include "deploy/deploy_config.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/failure.h"

namespace creel::deploy {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr std::string_view kRole = "role = \"arn:aws:iam::123456789012:role/r\"\n";

DeployConfig parse(std::string_view text) {
  return parse_deploy_config(text, "/x/creel.toml");
}

/// The one function of a file, with the keys given.
DesiredFunction function(std::string_view keys, std::string_view shared = "") {
  return parse(fmt::format("[deploy]\n{}\n[[function]]\nname = \"f\"\n{}", shared, keys)).functions.at(0);
}

std::string complaint(std::string_view text) {
  try {
    parse(text);
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.kind(), FailureKind::bad_request);
    return failure.what();
  }
  return "(none)";
}

TEST(DeployConfig, FillsInWhatIsNotSaid) {
  const auto found = function(kRole);
  EXPECT_EQ(found.name, "f");
  EXPECT_EQ(found.handler, "f");
  EXPECT_EQ(found.runtime, "provided.al2023");
  EXPECT_EQ(found.architecture, "x86_64");
  EXPECT_EQ(found.memory_mb, 512);
  EXPECT_EQ(found.timeout_seconds, 60);
  EXPECT_EQ(found.alias, "live");
  EXPECT_FALSE(found.url || found.tags || found.reserved_concurrency || found.log_retention_days);
  EXPECT_EQ(found.smoke, (SmokeTest{.kind = SmokeTest::Kind::dry_run}));
  EXPECT_TRUE(found.zip.empty());
}

TEST(DeployConfig, ReadsEveryKey) {
  const auto found = function(R"(
handler = "h"
runtime = "provided.al2"
architecture = "arm64"
description = "d"
memory = "1GiB"
timeout = "2m"
ephemeral_storage = 1024
environment = { AA = "b", NN = 7, TT = true }
merge_environment = true
role = "arn:aws:iam::123456789012:role/path/r"
log_retention_days = 30
reserved_concurrency = 75
alias = "prod"
url = "none"
url_stream = true
tags = { t = "u" }
zip = "f.zip"
smoke = { requests = [] }
)");
  EXPECT_EQ(found.handler, "h");
  EXPECT_EQ(found.runtime, "provided.al2");
  EXPECT_EQ(found.architecture, "arm64");
  EXPECT_EQ(found.description, "d");
  EXPECT_EQ(found.memory_mb, 1024);
  EXPECT_EQ(found.timeout_seconds, 120);
  EXPECT_EQ(found.ephemeral_storage_mb, 1024);
  EXPECT_EQ(found.environment, (std::map<std::string, std::string>{{"AA", "b"}, {"NN", "7"}, {"TT", "true"}}));
  EXPECT_TRUE(found.merge_environment);
  EXPECT_EQ(std::get<RoleArn>(found.role).arn, "arn:aws:iam::123456789012:role/path/r");
  EXPECT_EQ(found.log_retention_days, 30);
  EXPECT_EQ(std::get<int>(*found.reserved_concurrency), 75);
  EXPECT_EQ(found.alias, "prod");
  EXPECT_EQ(std::get<WantedUrl>(*found.url), (WantedUrl{WantedUrl::Auth::none, WantedUrl::Mode::response_stream}));
  EXPECT_EQ(*found.tags, (std::map<std::string, std::string>{{"t", "u"}}));
  EXPECT_EQ(found.zip, "/x/f.zip");
  EXPECT_EQ(found.smoke.kind, SmokeTest::Kind::call);
  EXPECT_THAT(found.smoke.payload, HasSubstr("\"requests\""));
}

TEST(DeployConfig, TakesFalseForNone) {
  const auto found =
      function(fmt::format("{}reserved_concurrency = false\nalias = false\nurl = false\nsmoke = false\n", kRole));
  EXPECT_TRUE(std::holds_alternative<Absent>(*found.reserved_concurrency));
  EXPECT_TRUE(std::holds_alternative<Absent>(*found.url));
  EXPECT_EQ(found.alias, "");
  EXPECT_EQ(found.smoke.kind, SmokeTest::Kind::none);
}

TEST(DeployConfig, SharesWhatStandsInDeploy) {
  constexpr auto kShared =
      "memory = 256\ncreate_role = true\nbucket = \"cats\"\nenvironment = { AA = \"1\", BB = \"1\" }\n"
      "tags = { x = \"y\" }\nregion = \"eu-west-1\"\ns3_bucket = \"zips\"\nprofile = \"me\"\n";
  const auto found = function("environment = { BB = \"2\" }\ntags = { z = \"z\" }\ntimeout = 5\n", kShared);
  EXPECT_EQ(found.memory_mb, 256);
  EXPECT_EQ(found.timeout_seconds, 5);
  EXPECT_EQ(found.environment, (std::map<std::string, std::string>{{"AA", "1"}, {"BB", "2"}}));
  EXPECT_THAT(*found.tags, SizeIs(2));
  EXPECT_EQ(std::get<OwnRole>(found.role), (OwnRole{"", {"cats"}, {"get", "put", "list"}}));
  EXPECT_TRUE(std::holds_alternative<RoleArn>(function(kRole, kShared).role));

  const auto config = parse(fmt::format("[deploy]\n{}[[function]]\nname = \"f\"\n", kShared));
  EXPECT_EQ(config.region, "eu-west-1");
  EXPECT_EQ(config.s3_bucket, "zips");
  EXPECT_EQ(config.profile, "me");
}

TEST(DeployConfig, KnowsWhatCreelsOwnHandlersNeed) {
  const auto config = parse(R"(
[deploy]
create_role = true
[[function]]
name = "fetch-store-image"
bucket = ["cats", "dogs"]
[[function]]
name = "cleaner"
handler = "delete-images"
bucket = "cats"
)");
  const auto& fetch = config.functions.at(0);
  EXPECT_EQ(std::get<OwnRole>(fetch.role), (OwnRole{"", {"cats", "dogs"}, {"get", "put", "list"}}));
  EXPECT_EQ(fetch.smoke.payload, R"({"requests":[]})");
  const auto& cleaner = config.functions.at(1);
  EXPECT_EQ(std::get<OwnRole>(cleaner.role), (OwnRole{"", {"cats"}, {"delete"}}));
  EXPECT_EQ(cleaner.smoke.payload, R"({"bucket-name":"cats","keys":[]})");
}

TEST(DeployConfig, LeavesTheTablesOfOthersAlone) {
  EXPECT_EQ(complaint(fmt::format("[serve]\nport = 8080\n[[function]]\nname = \"f\"\n{}", kRole)), "(none)");
}

struct Row {
  std::string keys;
  std::string complaint;
};

TEST(DeployConfig, SaysInWhichLineWhatIsWrong) {
  const std::vector<Row> rows{
      {"memry = 512", "/x/creel.toml:4: [[function]] has no key 'memry'; it knows alias, architecture"},
      {"memory = 64", "/x/creel.toml:4: memory: 64 is out of bounds"},
      {"memory = \"lots\"", "/x/creel.toml:4: memory: "},
      {"memory = \"20GiB\"", "/x/creel.toml:4: memory: it must be from 128 to 10240 MiB"},
      {"memory = true", "/x/creel.toml:4: memory: it must be a whole number"},
      {"timeout = 901", "timeout: 901 is out of bounds"},
      {"timeout = \"1h\"", "timeout: it must be from 1 to 900 s"},
      {"handler = 7", "handler: it must be a text in quotes"},
      {"runtime = \"nodejs22.x\"", "runtime: it must be provided.al2023"},
      {"architecture = \"arm\"", "architecture: it must be x86_64 or arm64"},
      {"environment = { A-B = \"x\" }", "'A-B' is no name of a variable"},
      {"environment = { AWS_REGION = \"x\" }", "AWS_REGION is set by Lambda itself"},
      {"environment = { AB = [1] }", "environment.AB: it must be a text"},
      {"environment = \"x\"", "environment: it must be a table"},
      {fmt::format("environment = {{ AB = \"{}\" }}", std::string(4'095, 'x')), "have 4097 bytes"},
      {"log_retention_days = 31", "CloudWatch knows 1, 3, 5"},
      {"alias = \"7\"", "alias: it must be letters"},
      {"url = true", "url: it must be \"iam\""},
      {"url_stream = true", "url_stream: it is for a function with a url"},
      {"tags = { \"aws:x\" = \"y\" }", "'aws:x': names that begin with aws:"},
      {"smoke = \"{oops\"", "smoke is not JSON: line 1, column 2"},
      {"smoke = 7", "smoke: it must be JSON in quotes"},
      {"create_role = true", "there can be a role or one to create, not both"},
      {"bucket = \"cats\"", "bucket: it is for a role that is created"},
      {"name = \"g\"", "/x/creel.toml:4:"},
  };
  for (const auto& row : rows) {
    EXPECT_THAT(complaint(fmt::format("[[function]]\nname = \"f\"\n{}{}\n", kRole, row.keys)), HasSubstr(row.complaint))
        << row.keys;
  }
}

TEST(DeployConfig, RefusesAFileThatCannotBeMeant) {
  EXPECT_THAT(complaint(""), HasSubstr("there is no function in it"));
  EXPECT_THAT(complaint("[[functions]]\nname = \"f\"\n"), HasSubstr("written as [[function]] tables"));
  EXPECT_THAT(complaint("[function]\nname = \"f\"\n"), HasSubstr("written as [[function]] tables"));
  EXPECT_THAT(complaint("deploy = 7\n"), HasSubstr("deploy must be a table"));
  EXPECT_THAT(complaint("[deploy]\nbukket = 1\n[[function]]\nname = \"f\"\n"),
              HasSubstr(":2: [deploy] has no key 'bukket'"));
  EXPECT_THAT(complaint("[[function]]\nmemory = 512\n"), HasSubstr(":1: name: a function needs one"));
  EXPECT_THAT(complaint("[[function]]\nname = \"a b\"\n"), HasSubstr("at most 64 letters"));
  EXPECT_THAT(complaint("[[function]]\nname = \"f\"\n"), HasSubstr("role: the function needs one"));
  EXPECT_THAT(complaint("[[function]]\nname = \"f\"\nrole = \"r\"\n"), HasSubstr("must be the ARN of a role"));
  EXPECT_THAT(complaint("[[function]]\nname = \"fetch-store-image\"\ncreate_role = true\n"),
              HasSubstr("name the bucket"));
  EXPECT_THAT(complaint(fmt::format("[[function]]\nname = \"f\"\n{0}[[function]]\nname = \"f\"\n{0}", kRole)),
              HasSubstr(":4: function 'f' is there twice"));
  EXPECT_THAT(complaint("[[function]\n"), HasSubstr("/x/creel.toml:1:"));
}

TEST(OwnRoleName, IsOfTheFunctionAndTheRegionAndNotTooLong) {
  EXPECT_EQ(own_role_name("f", "eu-west-1"), "creel-f-eu-west-1");
  const auto one = own_role_name(std::string(63, 'x') + "1", "eu-west-1");
  EXPECT_EQ(one.size(), 64U);
  EXPECT_NE(one, own_role_name(std::string(63, 'x') + "2", "eu-west-1"));
}

}  // namespace
}  // namespace creel::deploy

#include "aws/credentials_chain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aws/test_support.h"
#include "base/failure.h"
#include "support/run_task.h"
#include "support/scripted_server.h"

namespace creel::aws {
namespace {

using creel::testing::run;
using creel::testing::ScriptedServer;
using creel::testing::WireReply;
using creel::testing::WireRequest;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr auto kEndpointAnswer =
    R"({"Code":"Success","AccessKeyId":"AKEND","SecretAccessKey":"es","Token":"et","Expiration":"2026-01-31T18:00:00Z"})";
constexpr auto kStsAnswer =
    R"(<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
       <AccessKeyId>AKSTS</AccessKeyId><SecretAccessKey>ss</SecretAccessKey><SessionToken>st</SessionToken>
       <Expiration>2026-01-31T13:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>)";

struct CredentialsChainTest : ::testing::Test, testing::Surroundings {
  CredentialsChainTest() { variables["AWS_EC2_METADATA_DISABLED"] = "true"; }

  Credentials get(const std::string& profile = "") {
    return run(loop, default_credentials(context, profile, silent_log())->get());
  }

  /// What finding credentials failed with.
  std::string failure(const std::string& profile = "") {
    try {
      get(profile);
    } catch (const Failure& error) {
      EXPECT_EQ(error.kind(), FailureKind::bad_auth);
      return error.what();
    }
    ADD_FAILURE() << "found credentials";
    return "";
  }
};

TEST_F(CredentialsChainTest, TakesTheEnvironmentFirst) {
  folder.write(".aws/credentials", "[default]\naws_access_key_id = AKFILE\naws_secret_access_key = fs\n");
  variables["AWS_ACCESS_KEY_ID"] = "AKENV";
  variables["AWS_SECRET_ACCESS_KEY"] = "s";
  variables["AWS_SESSION_TOKEN"] = "t";
  variables["AWS_CREDENTIAL_EXPIRATION"] = "2026-01-31T13:00:00Z";
  EXPECT_EQ(get(), (Credentials{.access_key_id = "AKENV",
                                .secret_access_key = Secret("s"),
                                .session_token = Secret("t"),
                                .expires_at = clock.now() + std::chrono::hours(1)}));
  EXPECT_EQ(get("default").access_key_id, "AKFILE");
}

TEST_F(CredentialsChainTest, RefusesHalfAKey) {
  variables["AWS_ACCESS_KEY_ID"] = "AKENV";
  EXPECT_THAT(failure(), HasSubstr("AWS_SECRET_ACCESS_KEY is not"));
  variables.erase("AWS_ACCESS_KEY_ID");
  folder.write(".aws/credentials", "[default]\naws_secret_access_key = very-secret\n");
  EXPECT_THAT(failure(), AllOf(HasSubstr("no aws_access_key_id"), Not(HasSubstr("very-secret"))));
}

TEST_F(CredentialsChainTest, TakesTheKeysOfTheProfileThatTheEnvironmentNames) {
  folder.write("my-credentials", "[x]\naws_access_key_id = AKX\naws_secret_access_key = s\naws_session_token = t\n");
  variables["AWS_SHARED_CREDENTIALS_FILE"] = (folder.path() / "my-credentials").string();
  variables["AWS_PROFILE"] = "x";
  EXPECT_EQ(get(),
            (Credentials{.access_key_id = "AKX", .secret_access_key = Secret("s"), .session_token = Secret("t")}));
}

TEST_F(CredentialsChainTest, NamesTheFilesInWhichAProfileIsMissing) {
  EXPECT_THAT(failure("nobody"), AllOf(HasSubstr("'nobody'"), HasSubstr((folder.path() / ".aws/config").string()),
                                       HasSubstr((folder.path() / ".aws/credentials").string())));
}

TEST_F(CredentialsChainTest, NamesAllPlacesThatHadNothing) {
  EXPECT_THAT(failure(),
              AllOf(HasSubstr("environment variables: AWS_ACCESS_KEY_ID is not set"),
                    HasSubstr("web identity token: AWS_WEB_IDENTITY_TOKEN_FILE is not set"),
                    HasSubstr("shared files: there is no profile 'default' in " + folder.path().string()),
                    HasSubstr("container credentials endpoint: neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"),
                    HasSubstr("EC2 instance metadata: AWS_EC2_METADATA_DISABLED is true")));
}

TEST_F(CredentialsChainTest, RunsTheProgramOfAProfile) {
  folder.write("answer.json", R"({"Version":1,"AccessKeyId":"AKPROC","SecretAccessKey":"s","SessionToken":"t"})");
  folder.write(".aws/config",
               "[profile p]\ncredential_process = cat '" + (folder.path() / "answer.json").string() + "'\n");
  EXPECT_EQ(get("p").access_key_id, "AKPROC");
}

TEST_F(CredentialsChainTest, SaysWhatWasWrongWithTheProgramOfAProfile) {
  folder.write("answer.json", R"({"Version":2,"AccessKeyId":"AKPROC","SecretAccessKey":"very-secret"})");
  folder.write(".aws/config", "[profile p]\ncredential_process = cat '" + (folder.path() / "answer.json").string() +
                                  "'\n[profile q]\ncredential_process = false\n");
  EXPECT_THAT(failure("p"), AllOf(HasSubstr("profile 'p'"), HasSubstr("Version 1"), Not(HasSubstr("very-secret"))));
  EXPECT_THAT(failure("q"), HasSubstr("it ended with 1"));
}

TEST_F(CredentialsChainTest, TradesAWebIdentityTokenForARole) {
  ScriptedServer sts([](const WireRequest&) { return WireReply::response(200, kStsAnswer); });
  variables["AWS_ENDPOINT_URL_STS"] = sts.url("/");
  variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = folder.write("token", "the.web+token\n");
  variables["AWS_ROLE_ARN"] = "arn:aws:iam::1:role/r";
  EXPECT_EQ(get(), (Credentials{.access_key_id = "AKSTS",
                                .secret_access_key = Secret("ss"),
                                .session_token = Secret("st"),
                                .expires_at = clock.now() + std::chrono::hours(1)}));
  const auto request = sts.requests().at(0);
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.header("Authorization"), "");
  EXPECT_EQ(request.header("Content-Type"), "application/x-www-form-urlencoded");
  EXPECT_EQ(request.body,
            "Action=AssumeRoleWithWebIdentity&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fr&RoleSessionName="
            "creel-1769860800"
            "&Version=2011-06-15&WebIdentityToken=the.web%2Btoken");
}

TEST_F(CredentialsChainTest, TriesTheTokenServiceAgainWhenItFailsAndSaysWhyItRefuses) {
  int asked = 0;
  ScriptedServer sts([&](const WireRequest&) {
    if (++asked == 1) return WireReply::response(503, "");
    return WireReply::response(403, "<ErrorResponse><Error><Code>InvalidIdentityToken</Code></Error></ErrorResponse>");
  });
  variables["AWS_ENDPOINT_URL_STS"] = sts.url("/");
  variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = folder.write("token", "very-secret");
  variables["AWS_ROLE_ARN"] = "arn:aws:iam::1:role/r";
  EXPECT_THAT(failure(), AllOf(HasSubstr("InvalidIdentityToken"), Not(HasSubstr("very-secret"))));
  EXPECT_EQ(sts.requests().size(), 2U);
}

TEST_F(CredentialsChainTest, TakesARoleOnWithTheKeysOfAnotherProfile) {
  ScriptedServer sts([](const WireRequest&) { return WireReply::response(200, kStsAnswer); });
  variables["AWS_ENDPOINT_URL_STS"] = sts.url("/");
  folder.write(".aws/config",
               "[profile r]\nrole_arn = arn:r\nsource_profile = base\nexternal_id = e\nduration_seconds = 900\n"
               "role_session_name = me\nregion = eu-west-1\n");
  folder.write(".aws/credentials", "[base]\naws_access_key_id = AKBASE\naws_secret_access_key = bs\n");
  EXPECT_EQ(get("r").access_key_id, "AKSTS");
  const auto request = sts.requests().at(0);
  EXPECT_EQ(request.body,
            "Action=AssumeRole&DurationSeconds=900&ExternalId=e&RoleArn=arn%3Ar&RoleSessionName=me&Version="
            "2011-06-15");
  EXPECT_THAT(request.header("Authorization"), HasSubstr("Credential=AKBASE/20260131/eu-west-1/sts/aws4_request"));
}

TEST_F(CredentialsChainTest, RefusesRolesThatLeadInACircleOrToNothing) {
  folder.write(".aws/config",
               "[profile a]\nrole_arn = r\nsource_profile = b\n[profile b]\nrole_arn = r\nsource_profile = a\n"
               "[profile c]\nrole_arn = r\nsource_profile = nobody\n[profile d]\nrole_arn = r\nsource_profile = e\n"
               "[profile e]\nregion = x\n[profile f]\nrole_arn = r\nsource_profile = e\nmfa_serial = m\n"
               "[profile g]\nrole_arn = r\ncredential_source = Nowhere\n");
  EXPECT_THAT(failure("a"), HasSubstr("circle"));
  EXPECT_THAT(failure("c"), HasSubstr("'nobody'"));
  EXPECT_THAT(failure("d"), HasSubstr("profile 'e'"));
  EXPECT_THAT(failure("f"), HasSubstr("one-time code"));
  EXPECT_THAT(failure("g"), HasSubstr("credential_source"));
}

TEST_F(CredentialsChainTest, SaysWhatToDoAboutAProfileThatSignsInThroughTheBrowser) {
  folder.write(".aws/config", "[profile s]\nsso_session = work\n");
  EXPECT_THAT(failure("s"), HasSubstr("aws configure export-credentials --profile s"));
}

TEST_F(CredentialsChainTest, AsksTheContainerEndpointWithItsToken) {
  ScriptedServer endpoint([](const WireRequest&) { return WireReply::response(200, kEndpointAnswer); });
  variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = endpoint.url("/v1/credentials?id=1");
  variables["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "plain";
  variables["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = folder.write("token", "from-file\n");
  EXPECT_EQ(get().access_key_id, "AKEND");
  EXPECT_EQ(endpoint.requests().at(0).target, "/v1/credentials?id=1");
  EXPECT_EQ(endpoint.requests().at(0).header("Authorization"), "from-file");
}

TEST_F(CredentialsChainTest, SendsNoTokenToAForeignHostOverPlainHttp) {
  variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://192.0.2.1/credentials";
  EXPECT_THAT(failure(), HasSubstr("192.0.2.1"));
  variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://127.0.0.1:1/";
  variables["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "a\r\nb";
  EXPECT_THAT(failure(), HasSubstr("line end"));
}

/// An instance metadata service of version 2 whose instance has `role`.
WireReply answer_as_instance(const WireRequest& request, const std::string& role) {
  if (request.target == "/latest/api/token") {
    const bool good = request.method == "PUT" && request.header("X-aws-ec2-metadata-token-ttl-seconds") == "21600";
    return WireReply::response(good ? 200 : 400, "instance-token");
  }
  if (request.header("X-aws-ec2-metadata-token") != "instance-token") return WireReply::response(401);
  const std::string base = "/latest/meta-data/iam/security-credentials/";
  if (request.target == base) return WireReply::response(role.empty() ? 404 : 200, role);
  return WireReply::response(request.target == base + role ? 200 : 404, kEndpointAnswer);
}

TEST_F(CredentialsChainTest, AsksTheInstanceMetadataServiceForItsRole) {
  ScriptedServer service([](const WireRequest& request) { return answer_as_instance(request, "my-role"); });
  variables["AWS_EC2_METADATA_DISABLED"] = "false";
  variables["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = service.url("/");
  EXPECT_EQ(get(), (Credentials{.access_key_id = "AKEND",
                                .secret_access_key = Secret("es"),
                                .session_token = Secret("et"),
                                .expires_at = clock.now() + std::chrono::hours(6)}));
}

TEST_F(CredentialsChainTest, FindsNothingOnAnInstanceWithoutRoleOrWithoutAnAnswer) {
  ScriptedServer service([](const WireRequest& request) { return answer_as_instance(request, ""); });
  variables["AWS_EC2_METADATA_DISABLED"] = "false";
  variables["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = service.url("/");
  EXPECT_THAT(failure(), HasSubstr("the instance has no role"));

  ScriptedServer silent([](const WireRequest&) { return WireReply{.then = WireReply::Then::stall}; });
  variables["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = silent.url("/");
  EXPECT_THAT(failure(), HasSubstr("EC2 instance metadata: http://127.0.0.1"));
  EXPECT_EQ(silent.requests().size(), 1U);

  ScriptedServer broken([](const WireRequest&) { return WireReply{.then = WireReply::Then::close}; });
  variables["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = broken.url("/");
  variables["AWS_METADATA_SERVICE_NUM_ATTEMPTS"] = "3";
  EXPECT_THAT(failure(), HasSubstr("EC2 instance metadata: http://127.0.0.1"));
  EXPECT_EQ(broken.requests().size(), 3U);
}

}  // namespace
}  // namespace creel::aws

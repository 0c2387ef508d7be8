#include "aws/credentials_json.h"

#include <gtest/gtest.h>

#include "base/failure.h"

namespace creel::aws {
namespace {

TEST(EndpointCredentials, AreReadWithTheirExpiration) {
  const auto credentials = parse_endpoint_credentials(
      R"({"Code":"Success","AccessKeyId":"a","SecretAccessKey":"s","Token":"t","Expiration":"1970-01-02T00:00:00Z"})");
  EXPECT_EQ(credentials, (Credentials{.access_key_id = "a",
                                      .secret_access_key = Secret("s"),
                                      .session_token = Secret("t"),
                                      .expires_at = SystemTime(std::chrono::days(1))}));
}

TEST(EndpointCredentials, AreRefusedIfIncompleteOrUnsuccessful) {
  for (const auto* text :
       {"", "[]", "{", R"({"AccessKeyId":"a"})", R"({"SecretAccessKey":"s"})",
        R"({"Code":"Failed","AccessKeyId":"a","SecretAccessKey":"s"})", R"({"AccessKeyId":1,"SecretAccessKey":"s"})",
        R"({"AccessKeyId":"a","SecretAccessKey":"s","Expiration":"soon"})"}) {
    EXPECT_THROW(parse_endpoint_credentials(text), Failure) << text;
  }
}

TEST(ProcessCredentials, NeedVersionOne) {
  const auto credentials =
      parse_process_credentials(R"({"Version":1,"AccessKeyId":"a","SecretAccessKey":"s","SessionToken":"t"})");
  EXPECT_EQ(credentials.session_token.reveal(), "t");
  EXPECT_EQ(credentials.expires_at, std::nullopt);
  for (const auto* version : {"2", "\"1\"", "null", "1.5"}) {
    EXPECT_THROW(parse_process_credentials(std::string(R"({"AccessKeyId":"a","SecretAccessKey":"s","Version":)") +
                                           version + "}"),
                 Failure);
  }
  EXPECT_THROW(parse_process_credentials(R"({"AccessKeyId":"a","SecretAccessKey":"s"})"), Failure);
}

}  // namespace
}  // namespace creel::aws

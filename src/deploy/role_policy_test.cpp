#include "deploy/role_policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace creel::deploy {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

const DesiredFunction kFunction{.name = "f", .log_retention_days = 7};

TEST(RolePolicy, AllowsTheFunctionsOwnLogAndItsBucketsAlone) {
  const OwnRole role{.buckets = {"cats", "dogs"}, .bucket_access = {"get", "put", "list"}};
  EXPECT_THAT(policy_lines(role_policy(kFunction, role, "eu-west-1")),
              ElementsAre("logs:CreateLogStream, logs:PutLogEvents on "
                          "arn:aws:logs:eu-west-1:*:log-group:/aws/lambda/f:*",
                          "s3:GetObject, s3:PutObject, s3:AbortMultipartUpload on arn:aws:s3:::cats/*, "
                          "arn:aws:s3:::dogs/*",
                          "s3:ListBucket on arn:aws:s3:::cats, arn:aws:s3:::dogs"));
}

TEST(RolePolicy, LetsTheFunctionMakeItsLogGroupOnlyIfNobodyElseDoes) {
  EXPECT_THAT(role_policy(kFunction, {}, "eu-west-1"), Not(HasSubstr("CreateLogGroup")));
  EXPECT_THAT(role_policy({.name = "f"}, {}, "eu-west-1"), HasSubstr("logs:CreateLogGroup"));
}

TEST(RolePolicy, GivesNoRightThatWasNotAskedFor) {
  const auto policy = role_policy(kFunction, {.buckets = {"cats"}, .bucket_access = {"delete"}}, "eu-west-1");
  EXPECT_THAT(policy_lines(policy).back(), "s3:DeleteObject on arn:aws:s3:::cats/*");
  EXPECT_THAT(policy, Not(HasSubstr("ListBucket")));
  EXPECT_THAT(role_policy(kFunction, {}, "eu-west-1"), Not(HasSubstr("s3:")));
}

TEST(RolePolicy, IsOfTheRegionsPartition) {
  const auto policy = role_policy(kFunction, {.buckets = {"cats"}, .bucket_access = {"get"}}, "cn-north-1");
  EXPECT_THAT(policy, HasSubstr("arn:aws-cn:logs:cn-north-1:"));
  EXPECT_THAT(policy, HasSubstr("arn:aws-cn:s3:::cats/*"));
}

TEST(PolicyLines, ShowStatementsOfOtherFormsAsTheyAre) {
  EXPECT_THAT(policy_lines(R"({"Statement":[{"Effect":"Deny","Action":["a"],"Resource":["b"]}]})"),
              ElementsAre(R"({"Effect":"Deny","Action":["a"],"Resource":["b"]})"));
  EXPECT_THAT(policy_lines("no json"), ElementsAre());
}

TEST(TrustPolicy, TrustsLambdaAlone) {
  EXPECT_EQ(trust_policy(), R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":)"
                            R"("lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]})");
}

TEST(SameJson, DoesNotLookAtBlanksOrOrder) {
  EXPECT_TRUE(same_json(R"({"a":1,"b":[2]})", R"({ "b": [2], "a": 1 })"));
  EXPECT_FALSE(same_json(R"({"a":1})", R"({"a":2})"));
  EXPECT_FALSE(same_json(R"({"a":1})", "x"));
}

}  // namespace
}  // namespace creel::deploy

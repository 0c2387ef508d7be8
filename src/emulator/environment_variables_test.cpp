#include "emulator/environment_variables.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace creel::emulator {
namespace {

using ::testing::Contains;
using ::testing::Not;
using ::testing::StartsWith;

EnvironmentVariablesInput input() {
  return {.function_name = "f",
          .version = "$LATEST",
          .region = "eu-west-1",
          .runtime_api = "127.0.0.1:1234",
          .task_root = "/root",
          .log_stream = "stream"};
}

TEST(EnvironmentVariables, AreThoseOfTheService) {
  const auto variables = environment_variables({.handler = "h", .memory_mb = 512}, input());
  EXPECT_EQ(variables.size(), 23U);
  for (const auto* expected :
       {"_HANDLER=h", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE=512", "AWS_LAMBDA_RUNTIME_API=127.0.0.1:1234",
        "AWS_LAMBDA_LOG_GROUP_NAME=/aws/lambda/f", "AWS_REGION=eu-west-1", "LAMBDA_TASK_ROOT=/root"}) {
    EXPECT_THAT(variables, Contains(expected));
  }
  EXPECT_THAT(variables, Not(Contains(StartsWith("AWS_LAMBDA_LOG_FORMAT"))));
  EXPECT_THAT(variables, Not(Contains(StartsWith("AWS_LAMBDA_MAX_CONCURRENCY"))));
  EXPECT_THAT(variables, Not(Contains(StartsWith("AWS_EXECUTION_ENV"))));
}

TEST(EnvironmentVariables, ComeAfterTheFunctionsOwn) {
  const auto variables = environment_variables({.environment = {{"MINE", "1"}, {"AWS_REGION", "mars"}}}, input());
  EXPECT_THAT(variables, Contains("MINE=1"));
  EXPECT_THAT(variables, Contains("AWS_REGION=mars"));
}

TEST(EnvironmentVariables, TellOfJsonLogsAndOfConcurrency) {
  auto more = input();
  more.max_concurrency = 8;
  const auto variables = environment_variables({.log_format = "JSON", .log_group = "mine"}, more);
  EXPECT_THAT(variables, Contains("AWS_LAMBDA_LOG_FORMAT=JSON"));
  EXPECT_THAT(variables, Contains("AWS_LAMBDA_LOG_LEVEL=INFO"));
  EXPECT_THAT(variables, Contains("AWS_LAMBDA_MAX_CONCURRENCY=8"));
  EXPECT_THAT(variables, Contains("AWS_LAMBDA_LOG_GROUP_NAME=mine"));
}

}  // namespace
}  // namespace creel::emulator

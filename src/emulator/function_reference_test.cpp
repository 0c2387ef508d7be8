#include "emulator/function_reference.h"

#include <gtest/gtest.h>

#include "emulator/service_error.h"

namespace creel::emulator {
namespace {

TEST(FunctionReference, IsANameAlone) {
  const auto reference = parse_function_reference("my-function_1");
  EXPECT_EQ(reference.name, "my-function_1");
  EXPECT_EQ(reference.qualifier, "");
  EXPECT_EQ(reference.region, "");
}

TEST(FunctionReference, MayHaveAQualifier) {
  EXPECT_EQ(parse_function_reference("f:prod").qualifier, "prod");
  EXPECT_EQ(parse_function_reference("f:$LATEST").qualifier, "$LATEST");
  EXPECT_EQ(parse_function_reference("function:7").name, "7");
  EXPECT_EQ(parse_function_reference("function:$LATEST").name, "function");
}

TEST(FunctionReference, IsAPartialArn) {
  const auto reference = parse_function_reference("123456789012:function:f:1");
  EXPECT_EQ(reference.account, "123456789012");
  EXPECT_EQ(reference.name, "f");
  EXPECT_EQ(reference.qualifier, "1");
}

TEST(FunctionReference, IsAWholeArn) {
  const auto reference = parse_function_reference("arn:aws:lambda:eu-central-1:123456789012:function:f:prod");
  EXPECT_EQ(reference.region, "eu-central-1");
  EXPECT_EQ(reference.account, "123456789012");
  EXPECT_EQ(reference.name, "f");
  EXPECT_EQ(reference.qualifier, "prod");
}

TEST(FunctionReference, RefusesWhatIsNone) {
  for (const auto* text : {"", "a b", "f:", "f:a:b", "../x", "arn:aws:s3:::bucket", "arn:aws:lambda:r:a:layer:l",
                           "arn:aws:lambda:us-east-1:123456789012:function:", "f:pro d"}) {
    EXPECT_THROW(parse_function_reference(text), ServiceError) << text;
  }
  EXPECT_THROW(parse_function_reference(std::string(65, 'x')), ServiceError);
}

}  // namespace
}  // namespace creel::emulator

#include "aws/service_error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace creel::aws {
namespace {

using enum FailureKind;
using enum ServiceRecovery;
using ::testing::HasSubstr;

ServiceFault fault_in(int status, HttpHeaders headers, std::string body) {
  return read_fault({.status = status, .headers = std::move(headers), .body = std::move(body)}, SystemTime{});
}

TEST(ServiceError, ReadsLambdasAnswers) {
  const auto missing = fault_in(404, {{"x-amzn-ErrorType", "ResourceNotFoundException"}, {"x-amzn-RequestId", "r1"}},
                                R"({"Type":"User","Message":"Function not found: f"})");
  EXPECT_EQ(missing.code, "ResourceNotFoundException");
  EXPECT_EQ(missing.message, "Function not found: f");
  EXPECT_EQ(missing.request_id, "r1");

  const auto throttled = fault_in(
      429, {{"x-amzn-ErrorType", "TooManyRequestsException:http://internal.amazon.com/x/"}, {"Retry-After", "7"}},
      R"({"Reason":"ReservedFunctionConcurrentInvocationLimitExceeded","Type":"User","message":"Rate Exceeded."})");
  EXPECT_EQ(throttled.code, "TooManyRequestsException");
  EXPECT_EQ(throttled.message, "Rate Exceeded.");
  EXPECT_EQ(throttled.reason, "ReservedFunctionConcurrentInvocationLimitExceeded");
  EXPECT_EQ(throttled.retry_after, std::chrono::seconds(7));
}

TEST(ServiceError, ReadsTheCodeOfABody) {
  const auto fault = fault_in(400, {}, R"({"__type":"com.amazonaws.logs#ResourceNotFoundException","message":"no"})");
  EXPECT_EQ(fault.code, "ResourceNotFoundException");
  EXPECT_EQ(fault.message, "no");
}

TEST(ServiceError, ReadsXml) {
  const auto fault = fault_in(404, {},
                              "<ErrorResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><Error><Type>Sender"
                              "</Type><Code>NoSuchEntity</Code><Message>no role\nr</Message></Error>"
                              "<RequestId>r2</RequestId></ErrorResponse>");
  EXPECT_EQ(fault.code, "NoSuchEntity");
  EXPECT_EQ(fault.message, "no role r");
  EXPECT_EQ(fault.request_id, "r2");
}

TEST(ServiceError, MakesDoWithoutABody) {
  for (const auto* body : {"", "{", "[]", "<x", "Bad gateway", R"({"message":7})"}) {
    const auto fault = fault_in(502, {}, body);
    EXPECT_EQ(fault.status, 502) << body;
    EXPECT_EQ(fault.code, "") << body;
    EXPECT_EQ(fault.message, "") << body;
  }
}

struct Row {
  int status;
  std::string code;
  FailureKind kind;
  ServiceRecovery recovery;
};

TEST(ServiceError, IsJudgedByItsCode) {
  const std::vector<Row> rows{
      {403, "AccessDeniedException", bad_auth, give_up},
      {403, "AccessDenied", bad_auth, give_up},
      {403, "InvalidSignatureException", bad_auth, correct_clock},
      {403, "RequestExpired", bad_auth, correct_clock},
      {403, "UnrecognizedClientException", bad_auth, renew_credentials},
      {403, "InvalidClientTokenId", bad_auth, renew_credentials},
      {403, "ExpiredTokenException", bad_auth, renew_credentials},
      {404, "ResourceNotFoundException", not_found, give_up},
      {400, "ResourceNotFoundException", not_found, give_up},
      {404, "NoSuchEntity", not_found, give_up},
      {429, "TooManyRequestsException", rate_limited, slow_down},
      {400, "ThrottlingException", rate_limited, slow_down},
      {400, "Throttling", rate_limited, slow_down},
      {500, "ServiceException", server_error, retry},
      {503, "ServiceUnavailableException", server_error, retry},
      {409, "ConcurrentModification", server_error, retry},
      {409, "ResourceConflictException", bad_request, give_up},
      {412, "PreconditionFailedException", bad_request, give_up},
      {400, "InvalidParameterValueException", bad_request, give_up},
      {413, "RequestTooLargeException", bad_request, give_up},
      {415, "UnsupportedMediaTypeException", bad_request, give_up},
      {502, "InvalidRuntimeException", function_error, give_up},
      {502, "ResourceNotReadyException", function_error, give_up},
  };
  for (const auto& row : rows) {
    const auto verdict = judge({.status = row.status, .code = row.code});
    EXPECT_EQ(verdict.kind, row.kind) << row.code;
    EXPECT_EQ(verdict.recovery, row.recovery) << row.code;
  }
}

TEST(ServiceError, WithoutACodeIsJudgedByItsStatus) {
  const std::vector<Row> rows{
      {400, "", bad_request, give_up},    {401, "", bad_auth, give_up},    {403, "", bad_auth, give_up},
      {404, "", not_found, give_up},      {405, "", bad_request, give_up}, {408, "", server_error, retry},
      {429, "", rate_limited, slow_down}, {500, "", server_error, retry},  {502, "", server_error, retry},
      {503, "", server_error, retry},
  };
  for (const auto& row : rows) {
    const auto verdict = judge({.status = row.status, .code = row.code});
    EXPECT_EQ(verdict.kind, row.kind) << row.status;
    EXPECT_EQ(verdict.recovery, row.recovery) << row.status;
  }
}

TEST(ServiceError, SaysWhatWasRefusedAndWhatToDo) {
  const ServiceFault fault{.status = 403, .code = "AccessDeniedException", .message = "not you", .request_id = "r1"};
  const auto error = to_error(fault, judge(fault), "GetFunction of cats at AWS eu-west-1");
  EXPECT_EQ(error.kind(), bad_auth);
  EXPECT_EQ(error.fault().code, "AccessDeniedException");
  EXPECT_THAT(error.what(), HasSubstr("GetFunction of cats at AWS eu-west-1: AccessDeniedException (status 403, "
                                      "request r1): not you; the credentials need the right"));
}

}  // namespace
}  // namespace creel::aws

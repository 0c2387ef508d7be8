#include "aws/s3_error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace creel::aws {
namespace {

using enum FailureKind;
using enum S3Recovery;
using ::testing::HasSubstr;
using ::testing::Not;

struct Expected {
  S3Error error;
  FailureKind kind;
  S3Recovery recovery;
};

TEST(JudgeS3Error, GroupsByWhatTheCallerDoesNext) {
  const Expected table[] = {
      {{403, "AccessDenied"}, store_denied, give_up},
      {{403, "AllAccessDisabled"}, store_denied, give_up},
      {{403, "InvalidAccessKeyId"}, store_denied, renew_credentials},
      {{403, "SignatureDoesNotMatch"}, store_denied, correct_clock},
      {{403, "RequestTimeTooSkewed"}, store_denied, correct_clock},
      {{400, "ExpiredToken"}, store_denied, renew_credentials},
      {{400, "InvalidToken"}, store_denied, renew_credentials},
      {{404, "NoSuchBucket"}, store_denied, give_up},
      {{400, "InvalidBucketName"}, store_denied, give_up},
      {{301, "PermanentRedirect"}, store_denied, change_region},
      {{400, "AuthorizationHeaderMalformed"}, store_denied, change_region},
      {{507, "XMinioStorageFull"}, store_denied, give_up},
      {{405, "MethodNotAllowed"}, store_denied, give_up},
      {{503, "SlowDown"}, store_throttled, slow_down},
      {{503, "ServiceUnavailable"}, store_throttled, slow_down},
      {{400, "RequestLimitExceeded"}, store_throttled, slow_down},
      {{429, "TooManyRequests"}, store_throttled, slow_down},
      {{200, "SlowDown"}, store_throttled, slow_down},
      {{500, "InternalError"}, store_error, retry},
      {{200, "InternalError"}, store_error, retry},
      {{400, "RequestTimeout"}, store_error, retry},
      {{409, "ConditionalRequestConflict"}, store_error, retry},
      {{409, "OperationAborted"}, store_error, retry},
      {{400, "BadDigest"}, store_error, retry},
      {{501, "NotImplemented"}, store_error, leave_out_checksum},
      {{404, "NoSuchKey"}, store_error, give_up},
      {{404, "NoSuchUpload"}, store_error, give_up},
      {{400, "MetadataTooLarge"}, store_error, give_up},
      {{400, "KeyTooLongError"}, store_error, give_up},
      // Codes that nobody has heard of, and answers without one.
      {{400, "BrandNew"}, store_error, give_up},
      {{200, "BrandNew"}, store_error, retry},
      {{503, "BrandNew"}, store_throttled, slow_down},
      {{301, ""}, store_denied, change_region},
      {{307, ""}, store_denied, change_region},
      {{401, ""}, store_denied, give_up},
      {{403, ""}, store_denied, give_up},
      {{404, ""}, store_denied, give_up},
      {{405, ""}, store_denied, give_up},
      {{408, ""}, store_error, retry},
      {{409, ""}, store_error, retry},
      {{429, ""}, store_throttled, slow_down},
      {{500, ""}, store_error, retry},
      {{502, ""}, store_error, retry},
      {{503, ""}, store_throttled, slow_down},
      {{504, ""}, store_error, retry},
      {{507, ""}, store_denied, give_up},
  };
  for (const auto& [error, kind, recovery] : table) {
    EXPECT_EQ(judge(error).kind, kind) << error.status << " " << error.code;
    EXPECT_EQ(judge(error).recovery, recovery) << error.status << " " << error.code;
    EXPECT_EQ(to_failure(error, "put").kind(), kind) << error.status << " " << error.code;
    if (kind == store_denied) EXPECT_NE(judge(error).advice, "") << error.status << " " << error.code;
  }
}

TEST(FindS3Error, ReadsTheErrorAndWhatTheHeadersSay) {
  const HttpAnswer answer{.status = 301,
                          .headers = {{"x-amz-bucket-region", "eu-west-1"},
                                      {"x-amz-request-id", "R1"},
                                      {"Date", "Sat, 31 Jan 2026 12:00:00 GMT"},
                                      {"Retry-After", "7"}},
                          .body =
                              "<?xml version=\"1.0\"?>\n<Error><Code>PermanentRedirect</Code><Message>Go\n "
                              "there</Message></Error>"};
  const auto error = find_s3_error(answer, {}).value();
  EXPECT_EQ(error.status, 301);
  EXPECT_EQ(error.code, "PermanentRedirect");
  EXPECT_EQ(error.message, "Go  there");
  EXPECT_EQ(error.region, "eu-west-1");
  EXPECT_EQ(error.request_id, "R1");
  EXPECT_EQ(error.date, SystemTime(std::chrono::seconds(1769860800)));
  EXPECT_EQ(error.retry_after, std::chrono::seconds(7));
}

TEST(FindS3Error, FindsAnErrorInTheBodyOfASuccess) {
  EXPECT_EQ(find_s3_error({200, {}, " \n <Error><Code>InternalError</Code></Error>"}, {}).value().code,
            "InternalError");
  EXPECT_FALSE(find_s3_error({200, {}, "<CopyObjectResult><ETag>e</ETag></CopyObjectResult>"}, {}));
  EXPECT_FALSE(find_s3_error({204, {}, ""}, {}));
}

TEST(FindS3Error, KnowsAnErrorWithoutABodyOrWithAStrangeOne) {
  EXPECT_EQ(find_s3_error({403, {}, ""}, {}).value().code, "");
  EXPECT_EQ(find_s3_error({502, {}, "<html><body>Bad gateway<br></body></html>"}, {}).value().code, "");
}

TEST(S3Failure, SaysWhatWasRefusedWhyAndWhatToDo) {
  const auto failure = to_failure({.status = 404,
                                   .code = "NoSuchBucket",
                                   .message = "The specified bucket does not exist",
                                   .request_id = "R1",
                                   .retry_after = std::chrono::milliseconds(1500)},
                                  "put of s3://b/k at AWS");
  EXPECT_STREQ(failure.what(),
               "put of s3://b/k at AWS: NoSuchBucket (status 404, request R1): The specified bucket does not exist; "
               "check the bucket's name, the region and the endpoint");
  EXPECT_EQ(failure.retry_after(), std::chrono::seconds(2));
}

TEST(StoreFailure, IsDeniedOnlyWhereTryingAgainIsOfNoUse) {
  EXPECT_EQ(to_store_failure({FailureKind::connect, "c"}, "put").kind(), store_error);
  EXPECT_EQ(to_store_failure({FailureKind::dns, "c"}, "put").kind(), store_error);
  EXPECT_EQ(to_store_failure({FailureKind::timeout, "c"}, "put").kind(), store_error);
  EXPECT_EQ(to_store_failure({FailureKind::tls, "c"}, "put").kind(), store_denied);
  EXPECT_STREQ(to_store_failure({FailureKind::tls, "the certificate is bad"}, "put of x").what(),
               "put of x: the certificate is bad");
}

}  // namespace
}  // namespace creel::aws

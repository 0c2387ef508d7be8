#include "aws/s3_error.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "aws/one_line.h"
#include "aws/retry.h"
#include "aws/xml.h"
#include "net/http_status.h"

namespace creel::aws {
namespace {

using enum S3Recovery;
constexpr auto kDenied = FailureKind::store_denied;
constexpr auto kThrottled = FailureKind::store_throttled;
constexpr auto kError = FailureKind::store_error;

constexpr std::string_view kCheckAccess = "check the credentials and that they may read and write this bucket";
constexpr std::string_view kCheckKeys =
    "check the access key and its secret, "
    "and that they belong to this endpoint";
constexpr std::string_view kCheckBucket = "check the bucket's name, the region and the endpoint";
constexpr std::string_view kCheckRegion = "check the region and the endpoint";
constexpr std::string_view kCheckClock = "check this machine's clock";
constexpr std::string_view kCheckToken = "renew the session and try again";
constexpr std::string_view kCheckEndpoint = "check that the endpoint is that of an S3 store";
constexpr std::string_view kCheckSpace = "make room in the store or raise its quota";
constexpr std::string_view kCheckEncryption = "check the bucket's encryption key and that the credentials may use it";

struct CodeVerdict {
  std::string_view code;
  S3Verdict verdict;
};

constexpr CodeVerdict kCodes[] = {
    {"AccessDenied", {kDenied, give_up, kCheckAccess}},
    {"AllAccessDisabled", {kDenied, give_up, kCheckAccess}},
    {"AccountProblem", {kDenied, give_up, kCheckAccess}},
    {"NotSignedUp", {kDenied, give_up, kCheckAccess}},
    {"UserSuspended", {kDenied, give_up, kCheckAccess}},
    {"UnauthorizedAccess", {kDenied, give_up, kCheckAccess}},
    {"Unauthorized", {kDenied, give_up, kCheckAccess}},
    {"InvalidAccessKeyId", {kDenied, renew_credentials, kCheckKeys}},
    {"InvalidSecurity", {kDenied, give_up, kCheckKeys}},
    {"SignatureDoesNotMatch", {kDenied, correct_clock, kCheckKeys}},
    {"RequestTimeTooSkewed", {kDenied, correct_clock, kCheckClock}},
    {"RequestExpired", {kDenied, correct_clock, kCheckClock}},
    {"ExpiredToken", {kDenied, renew_credentials, kCheckToken}},
    {"ExpiredTokenException", {kDenied, renew_credentials, kCheckToken}},
    {"TokenRefreshRequired", {kDenied, renew_credentials, kCheckToken}},
    {"InvalidToken", {kDenied, renew_credentials, kCheckToken}},
    {"NoSuchBucket", {kDenied, give_up, kCheckBucket}},
    {"InvalidBucketName", {kDenied, give_up, kCheckBucket}},
    {"InvalidBucketState", {kDenied, give_up, kCheckBucket}},
    {"PermanentRedirect", {kDenied, change_region, kCheckRegion}},
    {"TemporaryRedirect", {kDenied, change_region, kCheckRegion}},
    {"Redirect", {kDenied, change_region, kCheckRegion}},
    {"AuthorizationHeaderMalformed", {kDenied, change_region, kCheckRegion}},
    {"IllegalLocationConstraintException", {kDenied, change_region, kCheckRegion}},
    {"InvalidRegion", {kDenied, change_region, kCheckRegion}},
    {"MethodNotAllowed", {kDenied, give_up, kCheckEndpoint}},
    {"QuotaExceeded", {kDenied, give_up, kCheckSpace}},
    {"StorageFull", {kDenied, give_up, kCheckSpace}},
    {"XMinioStorageFull", {kDenied, give_up, kCheckSpace}},
    {"XMinioAdminBucketQuotaExceeded", {kDenied, give_up, kCheckSpace}},
    {"KMS.DisabledException", {kDenied, give_up, kCheckEncryption}},
    {"KMS.InvalidStateException", {kDenied, give_up, kCheckEncryption}},
    {"KMS.NotFoundException", {kDenied, give_up, kCheckEncryption}},

    {"SlowDown", {kThrottled, slow_down, {}}},
    {"SlowDownRead", {kThrottled, slow_down, {}}},
    {"SlowDownWrite", {kThrottled, slow_down, {}}},
    {"ServiceUnavailable", {kThrottled, slow_down, {}}},
    {"RequestLimitExceeded", {kThrottled, slow_down, {}}},
    {"BandwidthLimitExceeded", {kThrottled, slow_down, {}}},
    {"Throttling", {kThrottled, slow_down, {}}},
    {"ThrottlingException", {kThrottled, slow_down, {}}},
    {"ThrottledException", {kThrottled, slow_down, {}}},
    {"RequestThrottled", {kThrottled, slow_down, {}}},
    {"RequestThrottledException", {kThrottled, slow_down, {}}},
    {"TooManyRequests", {kThrottled, slow_down, {}}},
    {"TooManyRequestsException", {kThrottled, slow_down, {}}},
    {"ServerBusy", {kThrottled, slow_down, {}}},

    {"InternalError", {kError, retry, {}}},
    {"InternalErrors", {kError, retry, {}}},
    {"RequestTimeout", {kError, retry, {}}},
    {"RequestTimeoutException", {kError, retry, {}}},
    {"OperationAborted", {kError, retry, {}}},
    {"ConditionalRequestConflict", {kError, retry, {}}},
    {"IncompleteBody", {kError, retry, {}}},
    {"BadDigest", {kError, retry, {}}},
    {"XAmzContentSHA256Mismatch", {kError, retry, {}}},
    {"XAmzContentChecksumMismatch", {kError, retry, {}}},
    {"NotImplemented", {kError, leave_out_checksum, {}}},
    {"NoSuchKey", {kError, give_up, {}}},
    {"NoSuchUpload", {kError, give_up, {}}},
    {"PreconditionFailed", {kError, give_up, {}}},
    {"KeyTooLongError", {kError, give_up, {}}},
    {"MetadataTooLarge", {kError, give_up, {}}},
    {"EntityTooLarge", {kError, give_up, {}}},
    {"EntityTooSmall", {kError, give_up, {}}},
    {"InvalidArgument", {kError, give_up, {}}},
    {"InvalidRequest", {kError, give_up, {}}},
};

S3Verdict judge_status(int status) {
  switch (status) {
    case 200: return {kError, retry, {}};
    case 301:
    case 307:
    case 308: return {kDenied, change_region, kCheckRegion};
    case 401:
    case 403: return {kDenied, give_up, kCheckAccess};
    case 404: return {kDenied, give_up, kCheckBucket};
    case 405: return {kDenied, give_up, kCheckEndpoint};
    case 408:
    case 409:
    case 425: return {kError, retry, {}};
    case 429:
    case 503: return {kThrottled, slow_down, {}};
    case 501: return {kError, leave_out_checksum, {}};
    case 507: return {kDenied, give_up, kCheckSpace};
    default: return {kError, status >= 500 ? retry : give_up, {}};
  }
}

}  // namespace

std::optional<S3Error> find_s3_error(const HttpAnswer& answer, SystemTime now) {
  const bool has_error_body = !answer.body.empty() && xml_root(answer.body) == "Error";
  if (answer.status < 300 && !has_error_body) return std::nullopt;

  S3Error error{.status = answer.status, .retry_after = asked_wait(answer.headers, now)};
  if (has_error_body) {
    error.code = one_line(xml_text(answer.body, "Code").value_or(""));
    error.message = one_line(xml_text(answer.body, "Message").value_or(""));
    error.region = one_line(xml_text(answer.body, "Region").value_or(""));
  }
  if (const auto region = answer.headers.find("x-amz-bucket-region")) error.region = *region;
  if (const auto id = answer.headers.find("x-amz-request-id")) error.request_id = one_line(*id);
  if (const auto date = answer.headers.find("Date")) error.date = parse_http_date(*date);
  return error;
}

S3Verdict judge(const S3Error& error) {
  const auto* entry = std::ranges::find(kCodes, std::string_view(error.code), &CodeVerdict::code);
  return entry != std::end(kCodes) ? entry->verdict : judge_status(error.status);
}

Failure to_failure(const S3Error& error, std::string_view action) {
  const auto verdict = judge(error);
  auto text = fmt::format("{}: {} (status {}", action, error.code.empty() ? "refused" : error.code, error.status);
  if (!error.request_id.empty()) text += ", request " + error.request_id;
  text += ')';
  if (!error.message.empty()) text += ": " + error.message;
  if (!verdict.advice.empty()) text += fmt::format("; {}", verdict.advice);
  std::optional<std::chrono::seconds> wait;
  if (error.retry_after) wait = std::chrono::ceil<std::chrono::seconds>(*error.retry_after);
  return Failure(verdict.kind, text, wait);
}

Failure to_store_failure(const Failure& network, std::string_view action) {
  const auto kind = network.kind() == FailureKind::tls || network.kind() == FailureKind::blocked_address
                        ? FailureKind::store_denied
                        : FailureKind::store_error;
  return Failure(kind, fmt::format("{}: {}", action, network.what()));
}

}  // namespace creel::aws

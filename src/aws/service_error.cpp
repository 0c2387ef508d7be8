#include "aws/service_error.h"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "aws/one_line.h"
#include "aws/retry.h"
#include "aws/xml.h"
#include "base/text.h"
#include "net/http_status.h"

namespace creel::aws {
namespace json = boost::json;
namespace {

using enum ServiceRecovery;
using enum FailureKind;

constexpr std::string_view kCheckRights =
    "the credentials need the right to do this: see the policies of their user or role";
constexpr std::string_view kCheckKeys = "check the access key and its secret, and that they belong to this endpoint";
constexpr std::string_view kCheckClock = "check this machine's clock";
constexpr std::string_view kRenewSession = "renew the session and try again";
constexpr std::string_view kCheckRegion = "check the name, the region and the endpoint";
constexpr std::string_view kTryLater = "try again in a moment";
constexpr std::string_view kUpdateUnderWay = "an update is under way: wait until it is over and try again";
constexpr std::string_view kCheckArtifact = "check the function's zip and its runtime";

struct CodeVerdict {
  std::string_view code;
  ServiceVerdict verdict;
};

constexpr CodeVerdict kCodes[] = {
    {"AccessDenied", {bad_auth, give_up, kCheckRights}},
    {"AccessDeniedException", {bad_auth, give_up, kCheckRights}},
    {"UnauthorizedOperation", {bad_auth, give_up, kCheckRights}},
    {"NotAuthorized", {bad_auth, give_up, kCheckRights}},
    {"OptInRequired", {bad_auth, give_up, kCheckRights}},
    {"MissingAuthenticationToken", {bad_auth, give_up, kCheckKeys}},
    {"MissingAuthenticationTokenException", {bad_auth, give_up, kCheckKeys}},
    {"IncompleteSignature", {bad_auth, give_up, kCheckKeys}},
    {"IncompleteSignatureException", {bad_auth, give_up, kCheckKeys}},
    {"InvalidAccessKeyId", {bad_auth, renew_credentials, kCheckKeys}},
    {"InvalidClientTokenId", {bad_auth, renew_credentials, kCheckKeys}},
    {"UnrecognizedClientException", {bad_auth, renew_credentials, kCheckKeys}},
    {"InvalidSignatureException", {bad_auth, correct_clock, kCheckKeys}},
    {"SignatureDoesNotMatch", {bad_auth, correct_clock, kCheckKeys}},
    {"RequestExpired", {bad_auth, correct_clock, kCheckClock}},
    {"RequestTimeTooSkewed", {bad_auth, correct_clock, kCheckClock}},
    {"ExpiredToken", {bad_auth, renew_credentials, kRenewSession}},
    {"ExpiredTokenException", {bad_auth, renew_credentials, kRenewSession}},

    {"ResourceNotFoundException", {not_found, give_up, kCheckRegion}},
    {"NoSuchEntity", {not_found, give_up, {}}},
    {"NoSuchEntityException", {not_found, give_up, {}}},

    {"Throttling", {rate_limited, slow_down, kTryLater}},
    {"ThrottlingException", {rate_limited, slow_down, kTryLater}},
    {"ThrottledException", {rate_limited, slow_down, kTryLater}},
    {"RequestThrottled", {rate_limited, slow_down, kTryLater}},
    {"RequestThrottledException", {rate_limited, slow_down, kTryLater}},
    {"RequestLimitExceeded", {rate_limited, slow_down, kTryLater}},
    {"TooManyRequestsException", {rate_limited, slow_down, kTryLater}},
    {"EC2ThrottledException", {rate_limited, slow_down, kTryLater}},

    {"ServiceException", {server_error, retry, {}}},
    {"ServiceFailure", {server_error, retry, {}}},
    {"InternalError", {server_error, retry, {}}},
    {"InternalFailure", {server_error, retry, {}}},
    {"InternalServerError", {server_error, retry, {}}},
    {"ServiceUnavailable", {server_error, retry, {}}},
    {"ServiceUnavailableException", {server_error, retry, {}}},
    {"RequestTimeout", {server_error, retry, {}}},
    {"RequestTimeoutException", {server_error, retry, {}}},
    {"ConcurrentModification", {server_error, retry, {}}},
    {"ConcurrentModificationException", {server_error, retry, {}}},
    {"OperationAbortedException", {server_error, retry, {}}},

    {"ResourceConflictException", {bad_request, give_up, {}}},
    {"SnapStartNotReadyException", {function_error, give_up, kUpdateUnderWay}},
    {"ResourceNotReadyException", {function_error, give_up, kUpdateUnderWay}},
    {"InvalidRuntimeException", {function_error, give_up, kCheckArtifact}},
    {"InvalidZipFileException", {function_error, give_up, kCheckArtifact}},
    {"CodeStorageExceededException", {bad_request, give_up, "delete versions of functions that nobody uses"}},
};

ServiceVerdict judge_status(int status) {
  switch (status) {
    case 401:
    case 403: return {bad_auth, give_up, kCheckRights};
    case 404: return {not_found, give_up, kCheckRegion};
    case 408:
    case 425: return {server_error, retry, {}};
    case 429: return {rate_limited, slow_down, kTryLater};
    default: break;
  }
  if (status >= 500) return {server_error, retry, {}};
  return {bad_request, give_up, {}};
}

/// "ResourceNotFoundException" of "com.amazonaws.logs#ResourceNotFoundException:http://internal.amazon.com/...".
std::string bare_code(std::string_view code) {
  code = code.substr(0, code.find(':'));
  const auto hash = code.rfind('#');
  return one_line(hash == std::string_view::npos ? code : code.substr(hash + 1));
}

std::string text_of(const json::object& object, std::initializer_list<std::string_view> names) {
  for (const auto name : names) {
    const auto* value = object.if_contains(name);
    if (value != nullptr && value->is_string()) return one_line(value->get_string());
  }
  return {};
}

void read_json(std::string_view body, ServiceFault& fault) {
  boost::system::error_code error;
  const auto value = json::parse(body, error);
  if (error || !value.is_object()) return;
  const auto& object = value.get_object();
  fault.code = bare_code(text_of(object, {"__type", "code", "Code"}));
  // Lambda writes "Message" with a function that does not exist, and "message" with all else.
  fault.message = text_of(object, {"message", "Message", "errorMessage"});
  fault.reason = text_of(object, {"Reason", "reason"});
}

void read_xml(std::string_view body, ServiceFault& fault) {
  fault.code = bare_code(xml_text(body, "Code").value_or(""));
  fault.message = one_line(xml_text(body, "Message").value_or(""));
  fault.request_id = one_line(xml_text(body, "RequestId").value_or(""));
}

}  // namespace

ServiceError::ServiceError(FailureKind kind, const std::string& message, ServiceFault fault)
    : Failure(kind, message,
              fault.retry_after ? std::optional(std::chrono::ceil<std::chrono::seconds>(*fault.retry_after))
                                : std::nullopt),
      fault_(std::move(fault)) {}

ServiceFault read_fault(const HttpAnswer& answer, SystemTime now) {
  ServiceFault fault{.status = answer.status, .retry_after = asked_wait(answer.headers, now)};
  const auto body = trim(answer.body);
  if (body.starts_with('{')) {
    read_json(body, fault);
  } else if (body.starts_with('<')) {
    read_xml(body, fault);
  }
  if (const auto code = answer.headers.find("x-amzn-ErrorType")) fault.code = bare_code(*code);
  if (const auto id = answer.headers.find("x-amzn-RequestId")) fault.request_id = one_line(*id);
  if (const auto date = answer.headers.find("Date")) fault.date = parse_http_date(*date);
  return fault;
}

ServiceVerdict judge(const ServiceFault& fault) {
  const auto* entry = std::ranges::find(kCodes, std::string_view(fault.code), &CodeVerdict::code);
  return entry != std::end(kCodes) ? entry->verdict : judge_status(fault.status);
}

ServiceError to_error(const ServiceFault& fault, const ServiceVerdict& verdict, std::string_view action) {
  auto text = fmt::format("{}: {} (status {}", action, fault.code.empty() ? "refused" : fault.code, fault.status);
  if (!fault.reason.empty()) text += ", reason " + fault.reason;
  if (!fault.request_id.empty()) text += ", request " + fault.request_id;
  text += ')';
  if (!fault.message.empty()) text += ": " + fault.message;
  if (!verdict.advice.empty()) text += fmt::format("; {}", verdict.advice);
  return {verdict.kind, text, fault};
}

}  // namespace creel::aws

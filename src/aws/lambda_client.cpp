#include "aws/lambda_client.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/base64.h"
#include "base/failure.h"
#include "base/text.h"

namespace creel::aws {
namespace {

/// An answer has at most 6 MiB and 100 bytes.
constexpr std::size_t kMaxAnswerBytes = 8 << 20;
/// In base64.
constexpr std::size_t kMaxClientContextBytes = 3'583;
/// Hundreds of calls wait at a time, and what they send and get is small or not
/// in a hurry.
constexpr std::size_t kReceiveBufferBytes = 2 * 1024;
constexpr std::size_t kUploadBufferBytes = 16 * 1024;
/// Gateways forget a connection that has been silent for some minutes.
constexpr std::chrono::seconds kKeepAlive{60};

std::string_view name_of(InvocationType type) {
  switch (type) {
    case InvocationType::request_response: return "RequestResponse";
    case InvocationType::event: return "Event";
    case InvocationType::dry_run: return "DryRun";
  }
  throw std::logic_error("unknown InvocationType");
}

ServiceRequest request_of(const LambdaInvocation& invocation) {
  ServiceRequest request{.action = fmt::format("call of function {}", invocation.function),
                         .method = HttpMethod::post,
                         .path = {"2015-03-31", "functions", invocation.function, "invocations"},
                         .body = invocation.payload,
                         .tries = ServiceRequest::Tries::one,
                         .deadline = invocation.deadline,
                         .max_answer_bytes = kMaxAnswerBytes};
  if (!invocation.qualifier.empty()) request.query.emplace_back("Qualifier", invocation.qualifier);
  request.headers.add("Content-Type", "application/json");
  request.headers.add("X-Amz-Invocation-Type", std::string(name_of(invocation.type)));
  if (invocation.log_tail == LogTail::wanted) request.headers.add("X-Amz-Log-Type", "Tail");
  if (!invocation.client_context.empty()) {
    request.headers.add("X-Amz-Client-Context", base64_encode(invocation.client_context));
  }
  return request;
}

void check(const LambdaInvocation& invocation) {
  if (base64_encode(invocation.client_context).size() <= kMaxClientContextBytes) return;
  throw Failure(FailureKind::bad_request,
                fmt::format("the client context has {} bytes, and at most {} can be sent",
                            invocation.client_context.size(), kMaxClientContextBytes / 4 * 3));
}

std::string header(const HttpAnswer& answer, std::string_view name) {
  return std::string(answer.headers.find(name).value_or(""));
}

struct ReasonAdvice {
  std::string_view reason;
  std::string_view advice;
};

/// Source: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
constexpr ReasonAdvice kThrottles[] = {
    {"ReservedFunctionConcurrentInvocationLimitExceeded",
     "as many calls as the function's reserved concurrency allows are under way: make fewer at a time, or raise it"},
    {"ReservedFunctionInvocationRateLimitExceeded",
     "the function is called as often a second as its reserved concurrency allows: call it less often, or raise it"},
    {"ConcurrentInvocationLimitExceeded",
     "as many calls as the account's concurrency in this region allows are under way: make fewer at a time, or ask AWS "
     "for more"},
    {"FunctionInvocationRateLimitExceeded",
     "functions are called as often a second as the account may in this region: call less often"},
    {"CallerRateLimitExceeded", "the caller calls too often: call less often"},
};

std::string_view throttle_advice(std::string_view reason) {
  const auto* entry = std::ranges::find(kThrottles, reason, &ReasonAdvice::reason);
  return entry != std::end(kThrottles) ? entry->advice : "make fewer calls at a time, and try again in a moment";
}

/// What a refusal means for a call of a function.
ServiceVerdict judge_call(const ServiceFault& fault) {
  auto verdict = judge(fault);
  switch (verdict.kind) {
    case FailureKind::rate_limited:
      verdict.kind = FailureKind::function_throttled;
      verdict.advice = throttle_advice(fault.reason);
      break;
    case FailureKind::server_error:
      verdict.kind = FailureKind::function_error;
      verdict.advice = "the service could not run it: try again in a moment";
      break;
    case FailureKind::bad_auth:
      if (verdict.recovery == ServiceRecovery::give_up && fault.status == 403) {
        verdict.advice = "the credentials need the right lambda:InvokeFunction on this function";
      }
      break;
    case FailureKind::not_found:
      verdict.advice = "check the function's name, the version or alias, the region and the endpoint";
      break;
    case FailureKind::bad_request:
      if (fault.status == 413) verdict.advice = "a call carries at most 6 MiB, an event 1 MiB";
      if (fault.status == 409) {
        // Nothing is wrong with the call: the function is being made or changed.
        verdict.kind = FailureKind::function_error;
        verdict.advice = "an update of it is under way: try again in a moment";
      }
      break;
    default: break;
  }
  return verdict;
}

bool is_time_out(const Failure& failure) {
  return failure.kind() == FailureKind::timeout;
}

std::string qualified(const LambdaInvocation& invocation) {
  return invocation.qualifier.empty() ? invocation.function
                                      : fmt::format("{}:{}", invocation.function, invocation.qualifier);
}

LambdaAnswer answer_of(HttpAnswer answer) {
  return {.status = answer.status,
          .payload = std::move(answer.body),
          .function_error = header(answer, "X-Amz-Function-Error"),
          .log_tail = base64_decode(header(answer, "X-Amz-Log-Result")).value_or(""),
          .executed_version = header(answer, "X-Amz-Executed-Version"),
          .request_id = header(answer, "x-amzn-RequestId")};
}

}  // namespace

HttpClientOptions http_client_options(const LambdaOptions& options, ProxySettings proxies) {
  HttpClientOptions http;
  http.user_agent = options.user_agent;
  http.address_policy = AddressPolicy::any;
  http.proxies = std::move(proxies);
  http.ca_file = options.ca_file;
  http.version = HttpVersion::http1;
  http.connect_timeout = options.connect_timeout;
  http.stall_timeout = options.invoke_timeout + std::chrono::minutes(1);
  http.max_idle_connections = options.max_idle_connections;
  http.receive_buffer_bytes = kReceiveBufferBytes;
  http.upload_buffer_bytes = kUploadBufferBytes;
  http.keep_alive = kKeepAlive;
  return http;
}

ServiceOptions service_options(const LambdaOptions& options) {
  return {.signing_name = "lambda",
          .endpoint = ServiceEndpoint::regional("lambda", options.region, options.endpoint_url),
          .retry = options.retry};
}

LambdaClient::LambdaClient(ServiceContext context, LambdaOptions options)
    : clock_(context.clock), options_(std::move(options)), transport_(std::move(context), service_options(options_)) {}

Task<LambdaAnswer> LambdaClient::invoke(LambdaInvocation invocation) {
  check(invocation);
  invocation.deadline = std::min(invocation.deadline, clock_.steady_now() + options_.invoke_timeout);
  const auto action = fmt::format("call of function {} at {}", qualified(invocation), transport_.endpoint().name());
  try {
    auto answer = co_await transport_.execute(request_of(invocation));
    co_return answer_of(std::move(answer));
  } catch (const ServiceError& error) {
    throw to_error(error.fault(), judge_call(error.fault()), action);
  } catch (const Failure& failure) {
    if (!is_time_out(failure)) throw;
    throw Failure(FailureKind::function_timeout,
                  fmt::format("{}: no answer came in time; the function may still be at work: allow it more time, or "
                              "call it as an event",
                              action));
  }
}

}  // namespace creel::aws

#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "aws/http_answer.h"
#include "base/clock.h"
#include "base/failure.h"

namespace creel::aws {

/// What a service says when it does not do what it was asked.
struct ServiceFault {
  int status = 0;
  /// "ResourceNotFoundException"; empty if the answer names none.
  std::string code{};
  /// The service's words, one line.
  std::string message{};
  /// Which limit throttled a call of a function:
  /// "ReservedFunctionConcurrentInvocationLimitExceeded".
  std::string reason{};
  std::string request_id{};
  /// The service's clock.
  std::optional<SystemTime> date{};
  std::optional<std::chrono::milliseconds> retry_after{};
};

/// A service of AWS refused a call.
class ServiceError : public Failure {
 public:
  ServiceError(FailureKind kind, const std::string& message, ServiceFault fault);

  const ServiceFault& fault() const { return fault_; }

 private:
  ServiceFault fault_;
};

/// What the caller does next.
enum class ServiceRecovery : std::uint8_t {
  give_up,
  retry,
  /// Retry, later.
  slow_down,
  /// Set our clock by the service's and send it again, if they are far apart.
  correct_clock,
  /// Look for newer credentials and send it again.
  renew_credentials,
};

struct ServiceVerdict {
  /// bad_auth | not_found | bad_request | rate_limited | function_error |
  /// server_error
  FailureKind kind;
  ServiceRecovery recovery;
  /// What a person can do about it; empty if there is nothing to say.
  std::string_view advice;

  bool operator==(const ServiceVerdict&) const = default;
};

/// The fault in an answer with a status of 300 or more, in JSON or XML.
/// Source: https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html
ServiceFault read_fault(const HttpAnswer& answer, SystemTime now);

/// By the code or, where that is unknown, by the status.
ServiceVerdict judge(const ServiceFault& fault);

/// @param action  what was refused, with where: "GetFunction of cats at AWS
/// eu-west-1"
ServiceError to_error(const ServiceFault& fault, const ServiceVerdict& verdict, std::string_view action);

}  // namespace creel::aws

#pragma once

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>

#include "net/http_server.h"

namespace creel::emulator {

/// An answer of the service that is no result, thrown where it is found out and turned into the reply at the edge.
class ServiceError : public std::runtime_error {
 public:
  /// @param type  the exception's name in the service's API, e.g. "ResourceNotFoundException"
  ServiceError(int status, std::string type, const std::string& message)
      : std::runtime_error(message), status_(status), type_(std::move(type)) {}

  /// With the Reason that throttling gives, and how long to wait.
  ServiceError(int status, std::string type, const std::string& message, std::string reason,
               std::optional<std::chrono::seconds> retry_after)
      : std::runtime_error(message),
        status_(status),
        type_(std::move(type)),
        reason_(std::move(reason)),
        retry_after_(retry_after) {}

  int status() const { return status_; }
  const std::string& type() const { return type_; }
  const std::string& reason() const { return reason_; }
  std::optional<std::chrono::seconds> retry_after() const { return retry_after_; }

 private:
  int status_;
  std::string type_;
  std::string reason_;
  std::optional<std::chrono::seconds> retry_after_;
};

/// The reply as the service words it: "Type" and "Message" for ResourceNotFoundException, "message" for the others, and
/// the header x-amzn-ErrorType.
HttpReply to_reply(const ServiceError& error);

/// A JSON reply.
HttpReply json_reply(int status, std::string json);

}  // namespace creel::emulator

#pragma once

#include <string>

#include "emulator/function_url.h"
#include "emulator/invoke_api.h"

namespace creel::emulator {

/// Answers at the functions' own addresses. Threads: the emulator's event loop.
class UrlApi {
 public:
  explicit UrlApi(InvokeParts parts) : parts_(std::move(parts)) {}

  /// @throws ServiceError
  Task<HttpReply> handle(HttpCall& call, UrlTarget target, std::string request_id);

 private:
  Task<HttpReply> stream(InvocationOrder order);

  InvokeParts parts_;
};

}  // namespace creel::emulator

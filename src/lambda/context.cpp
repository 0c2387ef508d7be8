#include <algorithm>

#include "creel/lambda.h"

namespace creel::lambda {

Context::Context() : Context(Invocation{}) {}

Context::Context(Invocation invocation, FunctionInfo function, std::stop_token cancel)
    : Context(std::move(invocation), std::make_shared<const FunctionInfo>(std::move(function)), std::move(cancel)) {}

Context::Context(Invocation invocation, std::shared_ptr<const FunctionInfo> function, std::stop_token cancel)
    : invocation_(std::make_shared<const Invocation>(std::move(invocation))),
      function_(std::move(function)),
      cancel_(std::move(cancel)) {}

std::chrono::milliseconds Context::remaining() const {
  const auto left = deadline() - std::chrono::system_clock::now();
  return std::max(std::chrono::milliseconds(0), std::chrono::duration_cast<std::chrono::milliseconds>(left));
}

}  // namespace creel::lambda

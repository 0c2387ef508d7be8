#pragma once

#include <string>
#include <utility>

#include "base/failure.h"
#include "net/http_server.h"

namespace creel::testing {

/// A request that a test makes up.
class FakeCall final : public HttpCall {
 public:
  explicit FakeCall(std::string method, std::string target = "/", HttpHeaders headers = {}, std::string body = "")
      : method_(std::move(method)), target_(std::move(target)), headers_(std::move(headers)), body_(std::move(body)) {}

  std::string_view method() const override { return method_; }
  std::string_view target() const override { return target_; }
  const HttpHeaders& headers() const override { return headers_; }
  const HttpHeaders& trailers() const override { return trailers_; }

  Task<std::string> read_body(std::size_t max_bytes) override {
    if (body_.size() > max_bytes) throw Failure(FailureKind::too_large, "the body is too large");
    co_return std::exchange(body_, {});
  }
  Task<std::string> read_some() override { co_return std::exchange(body_, {}); }

 private:
  std::string method_;
  std::string target_;
  HttpHeaders headers_;
  std::string body_;
  HttpHeaders trailers_;
};

}  // namespace creel::testing

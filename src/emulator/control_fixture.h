#pragma once

#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/json.hpp>

#include "base/base64.h"
#include "base/clock.h"
#include "base/log.h"
#include "emulator/control_plane.h"
#include "emulator/service_error.h"
#include "support/run_task.h"
#include "zip/zip_archive.h"

namespace creel::emulator {

inline constexpr auto kRole = "arn:aws:iam::123456789012:role/lambda";

/// A request without a network.
class MadeCall final : public HttpCall {
 public:
  MadeCall(std::string method, std::string target, std::string body)
      : method_(std::move(method)), target_(std::move(target)), body_(std::move(body)) {}

  std::string_view method() const override { return method_; }
  std::string_view target() const override { return target_; }
  const HttpHeaders& headers() const override { return headers_; }
  const HttpHeaders& trailers() const override { return headers_; }
  Task<std::string> read_body(std::size_t) override { co_return body_; }
  Task<std::string> read_some() override { co_return std::exchange(body_, {}); }

 private:
  std::string method_;
  std::string target_;
  std::string body_;
  HttpHeaders headers_;
};

/// How a request was answered, whether it was carried out or refused.
struct Answer {
  int status = 0;
  boost::json::object body;
  std::string error;
  std::string message;
};

/// A control plane on a registry of its own.
class ControlFixture {
 public:
  explicit ControlFixture(std::chrono::milliseconds state_delay = std::chrono::milliseconds(0))
      : control_({.executor = loop_.get_executor(),
                  .registry = registry_,
                  .code = code_,
                  .clock = clock_,
                  .log = silent_log(),
                  .base_url = [] { return std::string("http://127.0.0.1:9000"); },
                  .state_delay = state_delay}) {}

  Answer call(const std::string& method, const std::string& path, const boost::json::object& body = {}) {
    MadeCall call(method, "/" + path, body.empty() ? "" : boost::json::serialize(body));
    try {
      const auto reply = testing::run(loop_, control_.handle(call));
      Answer answer{.status = reply.status};
      if (!reply.body.empty() && reply.body.front() == '{') answer.body = boost::json::parse(reply.body).as_object();
      return answer;
    } catch (const ServiceError& error) {
      return {.status = error.status(), .error = error.type(), .message = error.what()};
    }
  }

  static std::string zip(const std::string& content = "#!/bin/sh\n") {
    return write_zip({{.name = "bootstrap", .mode = 0755, .bytes = content}});
  }

  static boost::json::object creation(const std::string& name = "f", const std::string& content = "#!/bin/sh\n") {
    return {{"FunctionName", name},
            {"Role", kRole},
            {"Runtime", "provided.al2023"},
            {"Handler", "hello"},
            {"Code", boost::json::object{{"ZipFile", base64_encode(zip(content))}}}};
  }

  Answer create(const boost::json::object& more = {}) {
    auto body = creation();
    for (const auto& [name, value] : more) body[name] = value;
    return call("POST", kFunctions, body);
  }

  Answer update_code(const std::string& content, const boost::json::object& more = {}) {
    boost::json::object body{{"ZipFile", base64_encode(zip(content))}};
    for (const auto& [name, value] : more) body[name] = value;
    return call("PUT", std::string(kFunctions) + "/f/code", body);
  }

  static constexpr auto kFunctions = "2015-03-31/functions";

  boost::asio::io_context loop_;
  ManualClock clock_{SystemTime(std::chrono::seconds(1'767'225'600))};
  FunctionRegistry registry_{"eu-central-1", clock_};
  CodeStore code_;
  ControlPlane control_;
};

}  // namespace creel::emulator

#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>

#include "creel/lambda.h"
#include "lambda/api_connection.h"
#include "lambda/error_report.h"
#include "lambda/settings.h"

namespace creel::lambda {

/// The process has to end: the service says so, or cannot be reached.
class CannotGoOn : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// An invocation as it came.
struct Event {
  Invocation invocation;
  std::string body;
};

/// What the headers of `next` say.
Invocation read_invocation(const ApiReply& reply);

/// The headers that go with every answer to an invocation.
std::vector<std::pair<std::string_view, std::string>> answer_headers(const Invocation& invocation);
std::string answer_path(const Invocation& invocation, std::string_view what);

/// The Runtime API (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html), over a connection of its own.
/// Posts are tried again, with longer and longer waits; one that fails for good is logged, and the next event is
/// served all the same. Threads: its event loop.
class RuntimeApi {
 public:
  RuntimeApi(boost::asio::any_io_executor executor, const Settings& settings);

  /// Waits for the next event, however long.
  /// @throws CannotGoOn
  Task<Event> next();

  /// An answer over the limit becomes the error that the service makes of it.
  /// @throws CannotGoOn
  Task<void> respond(const Invocation& invocation, std::string body);
  /// @throws CannotGoOn
  Task<void> fail(const Invocation& invocation, ErrorReport report);
  /// Throws nothing: the process ends anyway.
  Task<void> fail_init(ErrorReport report);

  /// Registers an internal extension that wants no events, which makes the service send SIGTERM to this environment.
  /// @return its identifier; nothing if the service refused, which is logged
  Task<std::optional<std::string>> register_extension();
  /// The extension's call for its next event, which never comes; the service wants it to be there. Returns when the
  /// connection ends.
  Task<void> hold_extension(std::string identifier);

  /// What a reply to an answer means; logs what is not as it should be.
  /// @throws CannotGoOn
  enum class Verdict : std::uint8_t { accepted, too_large, refused, try_again };
  static Verdict judge(const ApiReply& reply, const std::string& request_id);

 private:
  Task<Verdict> post(std::string path, std::vector<std::pair<std::string_view, std::string>> headers,
                     const std::string& body, const std::string& request_id);
  Task<std::optional<ApiReply>> try_once(ApiRequest request, std::string& why);
  Task<void> back_off(int failures);

  const Settings& settings_;
  boost::asio::any_io_executor executor_;
  ApiConnection connection_;
  std::minstd_rand random_;
};

}  // namespace creel::lambda

#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "creel/lambda.h"
#include "lambda/settings.h"

namespace creel::lambda {

/// What `log` does from now on. Threads: any.
void configure_log(LogFormat format, LogLevel least);
LogFormat log_format();

/// "TRACE" and so on.
std::string_view name_of(LogLevel level);

/// One line of the log, without its end, or several where the message has several.
std::string log_lines(LogFormat format, LogLevel level, std::string_view message, std::string_view request_id,
                      std::chrono::system_clock::time_point now);

/// ISO 8601 in UTC with milliseconds: 24 characters. Safe in signal handlers.
std::array<char, 24> timestamp(std::chrono::system_clock::time_point time);

/// While it lives, lines without a context have this request id, on this thread. `request_id` outlives it.
class ThreadLogScope {
 public:
  explicit ThreadLogScope(std::string_view request_id);
  ~ThreadLogScope();
  ThreadLogScope(const ThreadLogScope&) = delete;
  ThreadLogScope& operator=(const ThreadLogScope&) = delete;
};

/// The same on all threads, for functions that run one invocation at a time. "" ends it.
void set_only_request_id(std::string_view request_id);

}  // namespace creel::lambda

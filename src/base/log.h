#pragma once

#include <memory>
#include <string_view>

#include <spdlog/logger.h>

namespace creel {

enum class LogFormat { text, json };

/// The program's log on standard error. Passed to those who write to it. Threads: any.
using Log = std::shared_ptr<spdlog::logger>;

/// On a terminal each line of text first clears the one that the cursor is in, which may be a progress line.
/// @param level  trace, debug, info, warn, error or off
/// @throws Failure bad_request for an unknown level
Log make_log(LogFormat format, std::string_view level);

/// A log that drops everything, for tests and embedders.
Log silent_log();

}  // namespace creel

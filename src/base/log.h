#pragma once

#include <memory>
#include <string_view>

#include <spdlog/logger.h>

namespace creel {

enum class LogFormat { text, json };

/// The program's log on standard error. Passed to those who write to it. Threads: any.
using Log = std::shared_ptr<spdlog::logger>;

/// @param level  trace, debug, info, warn, error or off
/// @throws Failure bad_request for an unknown level
Log make_log(LogFormat format, std::string_view level);

/// A log that drops everything, for tests and embedders.
Log silent_log();

}  // namespace creel

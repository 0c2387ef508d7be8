#include "base/log_output.h"

#include <unistd.h>

#include <fmt/format.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include "base/failure.h"

namespace creel {
namespace {

std::shared_ptr<spdlog::sinks::sink> file_sink(const LogOutput& output) {
  try {
    return std::make_shared<spdlog::sinks::rotating_file_sink_mt>(output.file.string(), output.max_file_bytes,
                                                                  output.kept_files);
  } catch (const spdlog::spdlog_ex& error) {
    throw Failure(FailureKind::bad_request, fmt::format("cannot write the log: {}", error.what()));
  }
}

}  // namespace

Log make_log(LogFormat format, std::string_view level, const LogOutput& output) {
  if (output.file.empty() && output.stream == LogOutput::Stream::standard_error) return make_log(format, level);
  auto log = output.file.empty()
                 ? log_into(std::make_shared<spdlog::sinks::stdout_sink_mt>(), format, level, STDOUT_FILENO)
                 : log_into(file_sink(output), format, level, -1);
  // A file or a pipe is buffered, and its last lines are those that are looked for.
  log->flush_on(log->level());
  return log;
}

}  // namespace creel

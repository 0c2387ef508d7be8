#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>

#include "base/log.h"

namespace creel {

/// Where a log goes.
struct LogOutput {
  enum class Stream : std::uint8_t { standard_error, standard_output };

  Stream stream = Stream::standard_error;
  /// Instead of the stream, unless empty.
  std::filesystem::path file{};
  /// The file is put aside as NAME.1.EXT, and begun anew, when it has become so large.
  std::size_t max_file_bytes = std::size_t{10} * 1024 * 1024;
  /// Files that are kept aside; the oldest goes.
  std::size_t kept_files = 5;
};

/// As the other `make_log`, for a log that goes elsewhere.
/// @throws Failure bad_request for an unknown level, and for a file that cannot be written
Log make_log(LogFormat format, std::string_view level, const LogOutput& output);

/// A log that writes into `sink`.
/// @param stream  the file descriptor behind it, or -1; if that is a terminal, lines clear what they are written over
/// @throws Failure bad_request for an unknown level
Log log_into(std::shared_ptr<spdlog::sinks::sink> sink, LogFormat format, std::string_view level, int stream);

}  // namespace creel

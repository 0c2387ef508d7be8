#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/file_descriptor.h"
#include "base/log.h"
#include "emulator/keeper.h"

namespace creel::emulator {
class Emulator;
class FunctionLog;
}  // namespace creel::emulator

namespace creel {
class EventLoop;
}

namespace creel::demo {

/// The name that the function is called by.
inline constexpr const char* kFunctionName = "fetch-store-image";

struct EmulatedFunctionOptions {
  /// The function's zip.
  std::filesystem::path zip;
  /// Where it stores, absolute.
  std::filesystem::path store_folder;
  /// Where its log goes, made anew.
  std::filesystem::path log_file;
  /// Processes of it at a time.
  std::size_t concurrency = 8;
};

/// creel's own function in the emulator, on a thread of its own. It may fetch from this machine, and stores into a folder.
/// Threads: one.
class EmulatedFunction {
 public:
  /// Starts it, on any port of loopback that is free.
  /// @param keeper, clock  must outlive it
  /// @throws Failure bad_request  the zip or the log cannot be used
  EmulatedFunction(const EmulatedFunctionOptions& options, const emulator::Keeper& keeper, const Clock& clock, Log log);
  /// Ends it with all of its processes.
  ~EmulatedFunction();
  EmulatedFunction(const EmulatedFunction&) = delete;
  EmulatedFunction& operator=(const EmulatedFunction&) = delete;

  /// Where Lambda's API is: "http://127.0.0.1:9000".
  const std::string& url() const { return url_; }

  /// How long one invocation may take.
  static constexpr std::chrono::seconds kTimeout{20};

 private:
  void stop();

  FileDescriptor log_file_;
  std::unique_ptr<emulator::FunctionLog> function_log_;
  std::unique_ptr<EventLoop> loop_;
  std::unique_ptr<emulator::Emulator> emulator_;
  std::string url_;
};

}  // namespace creel::demo

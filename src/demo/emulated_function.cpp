#include "demo/emulated_function.h"

#include <cerrno>
#include <fcntl.h>
#include <system_error>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>
#include <fmt/format.h>

#include "base/failure.h"
#include "emulator/emulator.h"
#include "emulator/function_log.h"
#include "net/event_loop.h"

namespace creel::demo {
namespace asio = boost::asio;
namespace {

constexpr int kMemoryMb = 256;

FileDescriptor open_log(const std::filesystem::path& path) {
  FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644));
  if (!file) {
    throw Failure(FailureKind::bad_request,
                  fmt::format("'{}' cannot be written: {}", path.string(), std::generic_category().message(errno)));
  }
  return file;
}

emulator::EmulatorOptions emulator_options(const EmulatedFunctionOptions& options, const emulator::Keeper& keeper) {
  emulator::FunctionSource function{.name = kFunctionName, .zip = options.zip};
  function.configuration.handler = kFunctionName;
  function.configuration.timeout = EmulatedFunction::kTimeout;
  function.configuration.memory_mb = kMemoryMb;
  function.configuration.environment = {{"CREEL_ALLOW_PRIVATE_NETWORK", "1"},
                                        {"CREEL_STORE_FOLDER", options.store_folder.string()}};
  emulator::EmulatorOptions made{.port = 0, .functions = {function}, .concurrency = options.concurrency};
  made.environments.keeper = &keeper;
  return made;
}

}  // namespace

EmulatedFunction::EmulatedFunction(const EmulatedFunctionOptions& options, const emulator::Keeper& keeper,
                                   const Clock& clock, Log log)
    : log_file_(open_log(options.log_file)),
      function_log_(std::make_unique<emulator::FunctionLog>(log_file_.number())),
      loop_(std::make_unique<EventLoop>()) {
  const auto make = [&] {
    emulator_ = std::make_unique<emulator::Emulator>(loop_->executor(), emulator_options(options, keeper), clock,
                                                     *function_log_, std::move(log));
  };
  try {
    asio::post(loop_->executor(), asio::use_future(make)).get();
    asio::co_spawn(loop_->executor(), emulator_->start(), asio::use_future).get();
    url_ = emulator_->base_url();
  } catch (...) {
    stop();
    throw;
  }
}

EmulatedFunction::~EmulatedFunction() {
  stop();
}

void EmulatedFunction::stop() {
  if (!emulator_) return;
  try {
    asio::co_spawn(loop_->executor(), emulator_->stop(), asio::use_future).get();
  } catch (const std::exception&) {
    // What still runs goes with the emulator, and with the keeper.
  }
  loop_->stop();
}

}  // namespace creel::demo

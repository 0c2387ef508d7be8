#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "emulator/code_store.h"
#include "emulator/control_plane.h"
#include "emulator/environment_pool.h"
#include "emulator/event_queue.h"
#include "emulator/faults.h"
#include "emulator/file_watcher.h"
#include "emulator/function_log.h"
#include "emulator/function_registry.h"
#include "emulator/invoke_api.h"
#include "emulator/invoker.h"
#include "emulator/url_api.h"

namespace creel::emulator {

/// A function that is there from the start.
struct FunctionSource {
  std::string name;
  std::filesystem::path zip;
  /// With an empty handler: the first that the program names, if it names any.
  FunctionConfiguration configuration{};
  std::optional<std::size_t> reserved_concurrency{};
  std::map<std::string, std::string> tags{};
  /// Published as version 1 with this alias; empty for none.
  std::string alias{};
  /// "BUFFERED" or "RESPONSE_STREAM", how its address answers.
  std::string url_invoke_mode = "BUFFERED";
};

struct EmulatorOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 9000;
  std::string region = "us-east-1";
  std::vector<FunctionSource> functions{};
  std::size_t concurrency = 1000;
  EnvironmentSettings environments{};
  EventQueueOptions events{};
  FaultPlan faults{};
  /// See ControlPlaneParts.
  std::chrono::milliseconds state_delay{200};
  std::function<Task<std::string>(std::string bucket, std::string key)> fetch_object{};
};

/// AWS Lambda on this machine: the functions, their environments, and the service's API on one port.
/// Threads: its own event loop; destroyed after `stop`, or after the loop has stopped.
class Emulator {
 public:
  Emulator(boost::asio::any_io_executor executor, EmulatorOptions options, const Clock& clock,
           const FunctionLog& function_log, const Log& log);
  ~Emulator();
  Emulator(const Emulator&) = delete;
  Emulator& operator=(const Emulator&) = delete;

  /// Unpacks the functions, and begins to listen.
  /// @throws Failure bad_request  a zip cannot be used, or the port not be listened on
  Task<void> start();

  /// "http://127.0.0.1:9000"
  std::string base_url() const;

  FunctionRegistry& registry() { return registry_; }
  const std::filesystem::path& folder() const { return code_.folder(); }

  /// Ends what runs, and all processes.
  Task<void> stop();

 private:
  Task<HttpReply> handle(HttpCall& call);
  Task<HttpReply> route(HttpCall& call, std::string request_id);
  Task<void> add(FunctionSource source);
  Task<void> reload(std::filesystem::path zip);

  boost::asio::any_io_executor executor_;
  EmulatorOptions options_;
  const Clock& clock_;
  Log log_;
  CodeStore code_;
  FunctionRegistry registry_;
  EnvironmentPool pool_;
  Invoker invoker_;
  EventQueue queue_;
  Faults faults_;
  InvokeApi invoke_api_;
  UrlApi url_api_;
  ControlPlane control_plane_;
  HttpServer server_;
  FileWatcher watcher_;
  std::size_t reloading_ = 0;
  std::shared_ptr<Wakeup> reloaded_;
};

}  // namespace creel::emulator

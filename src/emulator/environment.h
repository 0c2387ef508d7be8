#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "emulator/environment_variables.h"
#include "emulator/function_log.h"
#include "emulator/function_process.h"
#include "emulator/function_registry.h"
#include "emulator/invocation.h"
#include "emulator/keeper.h"
#include "emulator/report_lines.h"
#include "emulator/runtime_api.h"

namespace creel::emulator {

enum class Freezing : std::uint8_t { off, between_invocations };

/// What all environments share.
struct EnvironmentSettings {
  std::string region;
  FunctionCredentials credentials{};
  Freezing freezing = Freezing::off;
  /// Invocations that one process may have at a time.
  std::size_t max_concurrency = 1;
  std::chrono::milliseconds init_timeout{10'000};
  /// Processes run as this user and the ones after it, one each, if we may choose.
  std::optional<std::uint32_t> first_user{};
  /// Told of the processes, if there is one; outlives the environments.
  const Keeper* keeper = nullptr;
};

struct EnvironmentParts {
  boost::asio::any_io_executor executor;
  const Clock& clock;
  const FunctionLog& log;
  const EnvironmentSettings& settings;
  std::string function_name;
  std::string version;
  std::shared_ptr<const Deployment> deployment;
  /// From 0, for what must differ between the environments that live at a time.
  std::uint32_t number = 0;
};

/// One execution environment: a process of the function, and the Runtime API that it talks to. The first invocation
/// starts it. Threads: the emulator's event loop; held by shared_ptr, and to be ended by `shut_down`.
class Environment final : public std::enable_shared_from_this<Environment>, private RuntimeListener {
 public:
  explicit Environment(EnvironmentParts parts);
  ~Environment() override;

  /// Has the function do one invocation, after starting it if need be: START, what it logs, END and REPORT go to the log
  /// meanwhile. It returns when the process asks for the next, or is gone. A function that fails is a result.
  /// @param stream  for an invocation whose answer is streamed; its end is left to the caller
  Task<InvocationResult> invoke(std::shared_ptr<const Invocation> invocation, std::shared_ptr<AnswerStream> stream);

  /// True while another invocation can be given to it.
  bool is_usable() const { return phase_ != Phase::ended; }
  std::size_t running() const { return running_; }
  const Deployment* deployment() const { return parts_.deployment.get(); }
  const std::string& function_name() const { return parts_.function_name; }
  std::uint32_t number() const { return parts_.number; }

  /// Kills the process if it has more memory than the function may have; to be called now and then while it works.
  void check_memory();

  /// Kills the process while it has an invocation, which fails for it.
  void kill();

  /// Ends the process: with a moment to clear up if it has an extension, else at once. When it returns nothing of the
  /// environment runs any more.
  Task<void> shut_down(std::string reason);

 private:
  enum class Phase : std::uint8_t { fresh, starting, up, ended };

  /// Why a start or an invocation came to nothing.
  struct Trouble {
    std::string type;
    /// What follows "RequestId: ID Error: ".
    std::string message;
    /// The body that the process gave itself; takes the place of type and message.
    std::string body{};
    bool is_timeout = false;
    /// Another start would end in the same way.
    bool is_final = false;
  };

  /// One invocation, while its lines are logged.
  struct Record {
    std::shared_ptr<const Invocation> invocation;
    SteadyTime started{};
    SteadyTime deadline{};
    std::optional<Milliseconds> init_duration{};
  };

  void on_next() override;
  void on_answered(ActiveInvocation& active) override;
  void on_init_error(InitError error) override;

  Task<std::optional<Trouble>> start(SteadyTime deadline);
  void launch();
  Task<void> end_process();
  std::optional<Trouble> exit_trouble() const;
  Task<std::optional<Trouble>> first_start();
  Task<std::optional<Trouble>> run(Record& record, std::shared_ptr<ActiveInvocation> active);
  bool is_over(const ActiveInvocation& active) const;
  InvocationResult result_of(const Record& record, const std::optional<Trouble>& trouble,
                             std::shared_ptr<ActiveInvocation> active);
  void report(const Record& record, const std::optional<Trouble>& trouble, InvocationResult& result);
  void take_output(std::string_view piece);
  void take_exit(int status);
  void write(std::string_view lines);
  void wake();
  std::uint64_t peak_memory() const;

  EnvironmentParts parts_;
  std::string log_stream_;
  Phase phase_ = Phase::fresh;
  std::unique_ptr<RuntimeApi> runtime_;
  std::unique_ptr<FunctionProcess> process_;
  std::optional<int> exit_status_;
  std::optional<InitError> init_error_;
  bool is_ready_ = false;
  bool is_over_memory_ = false;
  bool is_frozen_ = false;
  std::size_t running_ = 0;
  std::uint64_t peak_memory_bytes_ = 0;
  LogTail tail_;
  LineBuffer lines_;
  /// Those who wait for something to happen here.
  std::vector<std::shared_ptr<Wakeup>> waiting_;
};

}  // namespace creel::emulator

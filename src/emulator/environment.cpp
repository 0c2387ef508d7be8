#include "emulator/environment.h"

#include <algorithm>
#include <csignal>

#include <boost/asio/this_coro.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/chrono.h>
#include <fmt/format.h>

#include "base/failure.h"
#include "emulator/uuid.h"

namespace creel::emulator {
namespace json = boost::json;
namespace {

using namespace std::chrono_literals;

/// What a process with an extension has to clear up.
constexpr auto kShutdownGrace = 500ms;

std::string error_json(std::string_view type, std::string_view message) {
  return json::serialize(json::object{{"errorType", type}, {"errorMessage", message}});
}

/// "2026/11/24/[$LATEST]0123...", as log streams are called.
std::string new_log_stream(SystemTime now, std::string_view version) {
  return fmt::format("{:%Y/%m/%d}/[{}]{}", std::chrono::floor<std::chrono::seconds>(now), version, random_hex(32));
}

}  // namespace

Environment::Environment(EnvironmentParts parts)
    : parts_(std::move(parts)), log_stream_(new_log_stream(parts_.clock.now(), parts_.version)) {}

Environment::~Environment() = default;

void Environment::wake() {
  for (const auto& wakeup : waiting_) wakeup->notify();
}

void Environment::on_next() {
  is_ready_ = true;
  wake();
}

void Environment::on_answered(ActiveInvocation&) {
  is_ready_ = false;
  wake();
}

void Environment::on_init_error(InitError error) {
  init_error_ = std::move(error);
  wake();
}

void Environment::take_exit(int status) {
  exit_status_ = status;
  if (phase_ == Phase::up && running_ == 0) phase_ = Phase::ended;
  peak_memory_bytes_ = peak_memory();
  wake();
}

void Environment::take_output(std::string_view piece) {
  tail_.append(piece);
  parts_.log.write(parts_.function_name, lines_.add(piece));
}

/// The emulator's own lines, between those of the function.
void Environment::write(std::string_view lines) {
  auto text = lines_.flush();
  text += lines;
  tail_.append(lines);
  parts_.log.write(parts_.function_name, text);
}

std::uint64_t Environment::peak_memory() const {
  return std::max(peak_memory_bytes_, process_ ? process_->peak_memory_bytes() : 0);
}

void Environment::launch() {
  const auto& configuration = parts_.deployment->configuration;
  const auto& folder = parts_.deployment->code->folder;
  runtime_ = std::make_unique<RuntimeApi>(parts_.executor,
                                          RuntimeApiOptions{.function_name = parts_.function_name,
                                                            .function_version = parts_.version,
                                                            .handler = configuration.handler,
                                                            .max_concurrency = parts_.settings.max_concurrency},
                                          static_cast<RuntimeListener&>(*this));
  ProcessPlan plan{.programs = {folder / "bootstrap", "/opt/bootstrap"}, .folder = folder};
  plan.environment = environment_variables(configuration, {.function_name = parts_.function_name,
                                                           .version = parts_.version,
                                                           .region = parts_.settings.region,
                                                           .runtime_api = runtime_->address(),
                                                           .task_root = folder,
                                                           .log_stream = log_stream_,
                                                           .credentials = parts_.settings.credentials,
                                                           .max_concurrency = parts_.settings.max_concurrency});
  if (const auto first = parts_.settings.first_user) {
    plan.user = ProcessUser{.user = *first + parts_.number, .group = *first + parts_.number};
  }
  process_ = std::make_unique<FunctionProcess>(
      parts_.executor, plan,
      FunctionProcess::Events{.on_output = [this](std::string_view piece) { take_output(piece); },
                              .on_exit = [this](int status) { take_exit(status); }});
  if (parts_.settings.keeper != nullptr) parts_.settings.keeper->add_group(process_->pid());
}

std::optional<Environment::Trouble> Environment::exit_trouble() const {
  if (!exit_status_) return std::nullopt;
  const auto reason = exit_reason(*exit_status_);
  return Trouble{.type = "Runtime.ExitError",
                 .message = reason.empty() ? "Runtime exited without providing a reason"
                                           : fmt::format("Runtime exited with error: {}", reason)};
}

/// Starts the process and waits until it asks for its first invocation.
Task<std::optional<Environment::Trouble>> Environment::start(SteadyTime deadline) {
  phase_ = Phase::starting;
  exit_status_.reset();
  init_error_.reset();
  is_ready_ = false;
  is_over_memory_ = false;
  std::optional<Trouble> trouble;
  try {
    launch();
  } catch (const Failure& failure) {
    trouble = Trouble{.type = "Runtime.InvalidEntrypoint", .message = failure.what(), .is_final = true};
  }
  if (trouble) co_return trouble;
  const auto wakeup = std::make_shared<Wakeup>(parts_.executor);
  waiting_.push_back(wakeup);
  bool in_time = true;
  while (in_time && !is_ready_ && !init_error_ && !exit_status_) in_time = co_await wakeup->wait(deadline);
  std::erase(waiting_, wakeup);
  if (is_ready_) {
    phase_ = Phase::up;
    co_return std::nullopt;
  }
  if (init_error_) co_return Trouble{.type = init_error_->type, .message = {}, .body = init_error_->body};
  if (exit_status_) co_return exit_trouble();
  co_return Trouble{.type = "Sandbox.Timedout", .message = {}, .is_timeout = true};
}

/// Makes the environment as if it had never been started.
Task<void> Environment::end_process() {
  if (process_) {
    peak_memory_bytes_ = peak_memory();
    process_->kill();
    process_->read_output();
    if (parts_.settings.keeper != nullptr) parts_.settings.keeper->forget_group(process_->pid());
    process_.reset();
  }
  if (runtime_) {
    co_await runtime_->stop();
    runtime_.reset();
  }
}

/// The start before the first invocation; if it fails, it is logged, and may be tried again within the invocation.
Task<std::optional<Environment::Trouble>> Environment::first_start() {
  const auto begun = parts_.clock.steady_now();
  auto trouble = co_await start(begun + parts_.settings.init_timeout);
  if (!trouble) co_return std::nullopt;
  const auto took = Milliseconds(parts_.clock.steady_now() - begun);
  if (process_) process_->read_output();
  write(init_report_line(took, trouble->is_timeout ? "timeout" : "error", trouble->is_timeout ? "" : trouble->type));
  co_await end_process();
  co_return trouble;
}

bool Environment::is_over(const ActiveInvocation& active) const {
  if (exit_status_) return true;
  return (active.is_answered || active.is_truncated) && (is_ready_ || parts_.settings.max_concurrency > 1);
}

Task<std::optional<Environment::Trouble>> Environment::run(Record& record, std::shared_ptr<ActiveInvocation> active) {
  if (is_frozen_) process_->thaw();
  is_frozen_ = false;
  const auto wakeup = std::make_shared<Wakeup>(parts_.executor);
  waiting_.push_back(wakeup);
  if (parts_.settings.max_concurrency == 1) is_ready_ = false;
  // Of a process that dies nothing can be read afterwards.
  process_->update_own_peak();
  runtime_->give(active);
  bool in_time = true;
  while (in_time && !is_over(*active)) in_time = co_await wakeup->wait(record.deadline);
  std::erase(waiting_, wakeup);
  if (process_ && !exit_status_) {
    process_->read_output();
    process_->update_own_peak();
  }
  if (is_over_memory_ && !active->is_answered) {
    co_return Trouble{.type = "Runtime.OutOfMemory", .message = "Runtime exited with error: signal: killed"};
  }
  if (!in_time) co_return Trouble{.type = "Sandbox.Timedout", .message = {}, .is_timeout = true};
  if (exit_status_ && !active->is_answered) co_return exit_trouble();
  co_return std::nullopt;
}

Task<InvocationResult> Environment::invoke(std::shared_ptr<const Invocation> invocation,
                                           std::shared_ptr<AnswerStream> stream) {
  const auto self = shared_from_this();
  ++running_;
  const auto& configuration = parts_.deployment->configuration;
  Record record{.invocation = invocation};
  std::optional<Trouble> trouble;
  if (phase_ == Phase::fresh) {
    const auto begun = parts_.clock.steady_now();
    trouble = co_await first_start();
    if (!trouble) record.init_duration = Milliseconds(parts_.clock.steady_now() - begun);
  } else if (phase_ == Phase::starting) {
    // Another invocation of the same process is starting it.
    const auto wakeup = std::make_shared<Wakeup>(parts_.executor);
    waiting_.push_back(wakeup);
    while (phase_ == Phase::starting) co_await wakeup->wait();
    std::erase(waiting_, wakeup);
    if (phase_ == Phase::ended)
      trouble = Trouble{.type = "Runtime.ExitError", .message = "Runtime failed to start", .is_final = true};
  }
  write(start_line(invocation->request_id, parts_.version));
  record.started = parts_.clock.steady_now();
  record.deadline = record.started + configuration.timeout;
  if (trouble && !trouble->is_final) trouble = co_await start(record.deadline);
  const auto active = std::make_shared<ActiveInvocation>(ActiveInvocation{
      .invocation = invocation,
      .stream = std::move(stream),
      .deadline = parts_.clock.now() +
                  std::chrono::duration_cast<SystemTime::duration>(record.deadline - parts_.clock.steady_now())});
  if (!trouble) trouble = co_await run(record, active);
  auto result = result_of(record, trouble, active);
  --running_;
  if (trouble || exit_status_) {
    phase_ = Phase::ended;
    wake();
    if (process_) process_->kill();
  } else if (parts_.settings.freezing == Freezing::between_invocations && running_ == 0) {
    process_->freeze();
    is_frozen_ = true;
  }
  co_return result;
}

InvocationResult Environment::result_of(const Record& record, const std::optional<Trouble>& trouble,
                                        std::shared_ptr<ActiveInvocation> active) {
  auto result = std::move(active->result);
  result.executed_version = parts_.version;
  if (trouble) {
    const auto& id = record.invocation->request_id;
    // Out of memory is a kill like another for the caller; only the report names it.
    const auto type = trouble->type == "Runtime.OutOfMemory" ? "Runtime.ExitError" : trouble->type;
    const auto seconds = Milliseconds(parts_.deployment->configuration.timeout).count() / 1000;
    const auto message =
        trouble->is_timeout ? fmt::format("Task timed out after {:.2f} seconds", seconds) : trouble->message;
    result.function_error = "Unhandled";
    result.error_type = type;
    result.content_type = "application/json";
    result.payload =
        !trouble->body.empty() ? trouble->body : error_json(type, fmt::format("RequestId: {} Error: {}", id, message));
    if (trouble->is_timeout) {
      write(fmt::format("{:%Y-%m-%dT%H:%M:%S}Z {} Task timed out after {:.2f} seconds\n",
                        std::chrono::floor<std::chrono::milliseconds>(parts_.clock.now()), id, seconds));
    } else if (trouble->body.empty()) {
      write(fmt::format("RequestId: {} Error: {}\n{}\n", id, message, type));
    }
  }
  report(record, trouble, result);
  return result;
}

void Environment::report(const Record& record, const std::optional<Trouble>& trouble, InvocationResult& result) {
  const auto& id = record.invocation->request_id;
  const auto& configuration = parts_.deployment->configuration;
  auto duration = Milliseconds(parts_.clock.steady_now() - record.started);
  const bool is_timeout = trouble && trouble->is_timeout;
  if (is_timeout) duration = Milliseconds(configuration.timeout);
  std::string_view status;
  if (is_timeout) status = "timeout";
  if (trouble && !is_timeout) status = "error";
  write(end_line(id) +
        report_line({.request_id = id,
                     .duration = duration,
                     .init_duration = record.init_duration,
                     .memory_mb = configuration.memory_mb,
                     .max_memory_bytes = peak_memory(),
                     .status = status,
                     .error_type = status == "error" ? std::string_view(trouble->type) : std::string_view()}));
  result.log_tail = tail_.text();
  if (running_ <= 1) tail_ = {};
}

void Environment::check_memory() {
  if (phase_ != Phase::up || running_ == 0 || !process_ || exit_status_) return;
  const auto limit = static_cast<std::uint64_t>(parts_.deployment->configuration.memory_mb) << 20;
  if (process_->update_memory() <= limit) return;
  is_over_memory_ = true;
  process_->kill();
}

void Environment::kill() {
  if (process_) process_->kill();
}

Task<void> Environment::shut_down(std::string reason) {
  const auto self = shared_from_this();
  phase_ = Phase::ended;
  if (process_ && !exit_status_ && runtime_ && runtime_->has_extension()) {
    if (is_frozen_) process_->thaw();
    runtime_->announce_shutdown(reason, parts_.clock.now() + kShutdownGrace);
    process_->signal(SIGTERM);
    const auto deadline = parts_.clock.steady_now() + kShutdownGrace;
    const auto wakeup = std::make_shared<Wakeup>(parts_.executor);
    waiting_.push_back(wakeup);
    while (!exit_status_ && co_await wakeup->wait(deadline)) continue;
    std::erase(waiting_, wakeup);
  }
  co_await end_process();
  parts_.log.write(parts_.function_name, lines_.flush());
}

}  // namespace creel::emulator

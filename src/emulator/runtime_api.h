#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "emulator/invocation.h"
#include "emulator/runtime_state.h"
#include "net/http_server.h"

namespace creel::emulator {

/// An invocation that a process has, or is about to get.
struct ActiveInvocation {
  std::shared_ptr<const Invocation> invocation;
  /// Where a streamed answer goes; null for a buffered one.
  std::shared_ptr<AnswerStream> stream;
  SystemTime deadline{};
  RuntimeState state = RuntimeState::ready;
  bool is_answered = false;
  /// The connection broke in the middle of the answer. The process may be about to end, which would tell more.
  bool is_truncated = false;
  /// Once answered.
  InvocationResult result{};
};

/// What a process says that cannot start.
struct InitError {
  std::string type;
  std::string body;
};

/// Hears what a function's process does.
class RuntimeListener {
 public:
  virtual ~RuntimeListener() = default;

  /// It asks for an invocation.
  virtual void on_next() = 0;
  /// An answer is complete, good or bad.
  virtual void on_answered(ActiveInvocation& active) = 0;
  virtual void on_init_error(InitError error) = 0;
};

struct RuntimeApiOptions {
  std::string function_name;
  std::string function_version;
  std::string handler;
  /// Invocations that the process may have at one time.
  std::size_t max_concurrency = 1;
};

/// The Runtime API and the Extensions API for one process, on a port of its own. It keeps the service's rules of who may
/// say what when, and answers with its words. Threads: the emulator's event loop.
/// Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
class RuntimeApi {
 public:
  RuntimeApi(const boost::asio::any_io_executor& executor, RuntimeApiOptions options, RuntimeListener& listener);

  /// "127.0.0.1:PORT", as the process finds it in its environment.
  std::string address() const;

  /// Hands out an invocation: to a request that waits, or to the next that comes.
  void give(std::shared_ptr<ActiveInvocation> active);

  RuntimeState state() const { return state_; }
  bool has_extension() const { return !extensions_.empty(); }

  /// Tells the extensions that wait for it why the process is to end.
  void announce_shutdown(std::string_view reason, SystemTime deadline);

  /// Ends all requests.
  Task<void> stop();

 private:
  struct Waiter {
    std::shared_ptr<Wakeup> wakeup;
    std::shared_ptr<ActiveInvocation> given;
  };
  struct Extension {
    std::string name;
    bool wants_invoke = false;
    bool wants_shutdown = false;
    std::shared_ptr<Wakeup> wakeup;
    std::vector<std::string> events;
  };

  Task<HttpReply> handle(HttpCall& call);
  Task<HttpReply> next();
  Task<HttpReply> answer(HttpCall& call, std::string request_id, RuntimeAction action);
  Task<HttpReply> take_response(HttpCall& call, std::shared_ptr<ActiveInvocation> active);
  Task<HttpReply> take_error(HttpCall& call, std::shared_ptr<ActiveInvocation> active);
  Task<HttpReply> init_error(HttpCall& call);
  Task<HttpReply> register_extension(HttpCall& call);
  Task<HttpReply> extension_next(HttpCall& call);
  Task<void> read_answer(HttpCall& call, ActiveInvocation& active);
  void finish(const std::shared_ptr<ActiveInvocation>& active);
  void tell_extensions(const ActiveInvocation& active);
  RuntimeState& state_of(ActiveInvocation& active) { return options_.max_concurrency > 1 ? active.state : state_; }

  boost::asio::any_io_executor executor_;
  RuntimeApiOptions options_;
  RuntimeListener& listener_;
  RuntimeState state_ = RuntimeState::started;
  std::vector<std::shared_ptr<Waiter>> waiters_;
  std::vector<std::shared_ptr<ActiveInvocation>> pending_;
  std::map<std::string, std::shared_ptr<ActiveInvocation>, std::less<>> active_;
  std::map<std::string, Extension, std::less<>> extensions_;
  HttpServer server_;
};

}  // namespace creel::emulator

#include "lambda/runtime.h"

#include <algorithm>
#include <csignal>
#include <exception>
#include <list>
#include <optional>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include "lambda/blocking_pool.h"
#include "lambda/crash_report.h"
#include "lambda/error_report.h"
#include "lambda/log.h"
#include "lambda/runtime_api.h"
#include "lambda/text.h"
#include "lambda/worker.h"

namespace creel::lambda {

namespace asio = boost::asio;

namespace {

/// What lives as long as the runtime runs. Threads: the one that runs it.
class Runtime {
 public:
  Runtime(const Settings& settings, const Options& options)
      : settings_(settings), options_(options), pool_(settings.concurrency), signals_(loop_) {}

  int fail_init(ErrorReport report) {
    log(LogLevel::error, concat({report.type, ": ", report.message}));
    RuntimeApi api(loop_.get_executor(), settings_);
    spawn(api.fail_init(std::move(report)));
    loop_.run();
    return 1;
  }

  int serve(const detail::Callable& handler) {
    if (options_.on_shutdown) {
      wait_for_shutdown();
      extension_api_.emplace(loop_.get_executor(), settings_);
    }
    spawn(start(handler));
    loop_.run();
    return exit_code_;
  }

  bool is_blocked() const { return std::ranges::any_of(workers_, &Worker::is_blocked); }

 private:
  // The extension is registered before the first event is asked for: later the service takes none.
  Task<void> start(const detail::Callable& handler) {
    if (extension_api_) {
      auto identifier = co_await extension_api_->register_extension();
      if (identifier) spawn(extension_api_->hold_extension(std::move(*identifier)));
    }
    for (std::size_t slot = 0; slot < settings_.concurrency; ++slot) {
      workers_.emplace_back(loop_, settings_, handler, pool_, slot);
      spawn(workers_.back().serve());
    }
  }

  void spawn(Task<void> task) {
    asio::co_spawn(loop_, std::move(task), [this](const std::exception_ptr& failure) {
      if (failure) end_with(failure);
    });
  }

  void end_with(const std::exception_ptr& failure) {
    const auto report = report_of(failure);
    log(LogLevel::fatal, report.message);
    exit_code_ = 1;
    loop_.stop();
  }

  void wait_for_shutdown() {
    signals_.add(SIGTERM);
    signals_.async_wait([this](const boost::system::error_code& error, int) {
      if (error) return;
      try {
        options_.on_shutdown();
      } catch (...) {
        const auto report = report_of(std::current_exception());
        log(LogLevel::error, concat({"the shutdown hook failed: ", report.type, ": ", report.message}));
      }
      loop_.stop();
    });
  }

  const Settings& settings_;
  const Options& options_;
  asio::io_context loop_{1};
  BlockingPool pool_;
  asio::signal_set signals_;
  std::optional<RuntimeApi> extension_api_;
  std::list<Worker> workers_;
  int exit_code_ = 0;
};

}  // namespace

const Function& find_function(const std::vector<Function>& functions, const Settings& settings) {
  if (!settings.handler && functions.size() == 1) return functions.front();
  std::string names;
  for (const auto& function : functions) {
    if (settings.handler && function.name == *settings.handler) return function;
    names += concat({names.empty() ? "" : ", ", function.name});
  }
  const auto asked = settings.handler ? concat({"there is no handler '", *settings.handler, "'"})
                                      : std::string("_HANDLER, which names the handler, is not set");
  throw Error("Runtime.NoSuchHandler", concat({asked, "; this program has: ", names}));
}

int serve(const Settings& settings, const std::vector<Function>& functions, const Options& options,
          const std::function<void(int code)>& end) {
  Runtime runtime(settings, options);
  const Function* function = nullptr;
  try {
    function = &find_function(functions, settings);
    if (options.on_start) options.on_start();
  } catch (...) {
    auto report = report_of(std::current_exception());
    // Where this library looked for a handler helps nobody.
    if (!function) report.stack.clear();
    return runtime.fail_init(std::move(report));
  }
  const int code = runtime.serve(function->handler.callable());
  if (runtime.is_blocked()) end(code);
  return code;
}

}  // namespace creel::lambda

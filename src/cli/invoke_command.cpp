#include "cli/invoke_command.h"

#include <cstdio>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/aws_session.h"
#include "cli/function_error.h"
#include "cli/invoke_batch.h"
#include "cli/invoke_options.h"

namespace creel {
namespace asio = boost::asio;
namespace {

/// One run of the command. Threads: the main loop.
class InvokeRun {
 public:
  InvokeRun(const InvokeOptions& options, const aws::Environment& environment)
      : options_(options),
        session_(loop_.get_executor(), options.aws, environment, resolver_, clock_, make_log(LogFormat::text, "warn")),
        client_(session_.context(), session_.lambda_options()) {}

  int run() { return options_.batch.empty() ? run_one() : run_batch(); }

 private:
  int run_one();
  int run_batch();
  aws::LambdaInvocation invocation() const;
  int show(const aws::LambdaAnswer& answer) const;

  /// Runs a coroutine to its end and gives back its result.
  template <class T>
  T wait_for(Task<T> task) {
    std::exception_ptr failure;
    std::optional<T> result;
    asio::co_spawn(loop_, std::move(task), [&](const std::exception_ptr& thrown, T value) {
      failure = thrown;
      if (!thrown) result.emplace(std::move(value));
      loop_.stop();
    });
    loop_.run();
    if (failure) std::rethrow_exception(failure);
    return std::move(*result);
  }

  const InvokeOptions& options_;
  const SystemClock clock_;
  asio::io_context loop_{1};
  Resolver resolver_{clock_, system_lookup};
  AwsSession session_;
  aws::LambdaClient client_;
};

aws::LambdaInvocation InvokeRun::invocation() const {
  aws::LambdaInvocation invocation{.function = options_.function,
                                   .qualifier = options_.qualifier,
                                   .type = options_.type(),
                                   .log_tail = options_.log ? aws::LogTail::wanted : aws::LogTail::none};
  if (!options_.client_context.empty()) {
    invocation.client_context = read_json_value(options_.client_context, "--client-context");
  }
  return invocation;
}

int InvokeRun::run_one() {
  auto call = invocation();
  call.payload = options_.payload.empty() ? "{}" : read_json_value(options_.payload, "--payload");
  if (options_.timeout.count() > 0) call.deadline = clock_.steady_now() + options_.timeout;
  return show(wait_for(client_.invoke(std::move(call))));
}

int InvokeRun::show(const aws::LambdaAnswer& answer) const {
  if (options_.json) {
    fmt::print("{}\n", answer_json(answer, 0));
  } else if (!answer.payload.empty()) {
    fmt::print("{}\n", answer.payload);
  }
  std::fflush(stdout);
  if (!answer.log_tail.empty() && !options_.json) {
    fmt::print(stderr, "{}{}", answer.log_tail, answer.log_tail.ends_with('\n') ? "" : "\n");
  }
  if (!answer.function_error.empty()) {
    fmt::print(stderr, "creel: {}\n", describe(parse_function_error(answer.payload), options_.function));
    return 1;
  }
  if (options_.type() == aws::InvocationType::event) fmt::print(stderr, "creel: the call is queued\n");
  if (options_.type() == aws::InvocationType::dry_run) fmt::print(stderr, "creel: the function may be called\n");
  return 0;
}

int InvokeRun::run_batch() {
  auto lines = read_batch(read_text_of(options_.batch), options_.batch == "-" ? "standard input" : options_.batch);
  const auto count = lines.size();
  InvokeBatch batch(client_, clock_, system_random(),
                    {.call = invocation(), .parallel = options_.parallel, .timeout = options_.timeout},
                    [](const std::string& line) {
                      fmt::print("{}\n", line);
                      std::fflush(stdout);
                    });
  const auto tally = wait_for(batch.run(std::move(lines)));
  fmt::print(stderr, "creel: {} calls: {} answered, {} failed in the function, {} could not be made\n", count,
             tally.answered, tally.failed, tally.not_called);
  return tally.answered == count ? 0 : 1;
}

}  // namespace

Command add_invoke_command(CLI::App& program, const aws::Environment& environment) {
  auto* flags = program.add_subcommand("invoke", "Call a function in AWS or in `creel emulate`, and print its answer");
  auto options = std::make_shared<InvokeOptions>();
  add_invoke_flags(*flags, *options);
  return {flags, [options, &environment] { return InvokeRun(*options, environment).run(); }};
}

}  // namespace creel

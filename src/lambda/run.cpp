#include <cstdio>
#include <cstdlib>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <unistd.h>

#include "creel/lambda.h"
#include "lambda/crash_report.h"
#include "lambda/log.h"
#include "lambda/runtime.h"
#include "lambda/settings.h"
#include "lambda/text.h"

namespace creel::lambda {

namespace {

const char* environment(const char* name) {
  return std::getenv(name);  // NOLINT(concurrency-mt-unsafe): no other thread has been started yet
}

std::string list_of(const std::vector<Function>& functions) {
  std::string names;
  for (const auto& function : functions) names += concat({function.name, "\n"});
  return names;
}

std::string usage(std::string_view program, const std::vector<Function>& functions) {
  auto text = concat({program, " is an AWS Lambda function: the service starts it and gives it events.\n\n",
                      "To run it on this machine:\n  creel package --bootstrap ", program, " --output function.zip\n",
                      "  creel emulate function.zip\n",
                      "  creel invoke function --endpoint-url http://127.0.0.1:9000 --payload '{}'\n\n",
                      "The handlers that it holds (", program, " --list prints their names alone):\n"});
  for (const auto& function : functions) text += concat({"  ", function.name, "\n"});
  return text;
}

int serve_in_lambda(const Settings& settings, const std::vector<Function>& functions, const Options& options) {
  // What a handler prints reaches the log line by line, not when some buffer is full.
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  install_crash_reports(settings.api, settings.concurrency);
  const SignalStack signal_stack;
  return serve(settings, functions, options, [](int code) { ::_exit(code); });
}

}  // namespace

int run(int argc, char** argv, const std::vector<Function>& functions, const Options& options) {
  const std::string_view argument = argc > 1 ? argv[1] : "";
  const std::string_view program = argc > 0 ? argv[0] : "bootstrap";
  if (argument == "--list") return std::fputs(list_of(functions).c_str(), stdout) < 0 ? 1 : 0;
  if (argument == "--help") return std::fputs(usage(program, functions).c_str(), stdout) < 0 ? 1 : 0;
  configure_log(read_log_format(environment), read_log_level(environment));
  std::optional<Settings> settings;
  try {
    settings = read_settings(environment);
  } catch (const std::invalid_argument& error) {
    log(LogLevel::fatal, error.what());
    return 1;
  }
  if (settings) return serve_in_lambda(*settings, functions, options);
  std::fputs(usage(program, functions).c_str(), stderr);
  return 2;
}

}  // namespace creel::lambda

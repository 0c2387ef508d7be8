#include <csignal>
#include <cstdio>
#include <exception>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/failure.h"
#include "cli/demo_command.h"
#include "cli/deploy_command.h"
#include "cli/doctor_command.h"
#include "cli/emulate_command.h"
#include "cli/estimate_command.h"
#include "cli/image_command.h"
#include "cli/invoke_command.h"
#include "cli/jq_filter_command.h"
#include "cli/mirror_command.h"
#include "cli/mirror_options.h"
#include "cli/package_command.h"
#include "cli/process_environment.h"
#include "cli/serve_command.h"
#include "cli/source_command.h"
#include "cli/token_command.h"
#include "cli/web_files.h"

namespace {

constexpr int kWrongUsage = 2;

int run(int count, char** arguments) {
  CLI::App app("creel copies images from lists, feeds and web APIs into a folder or a bucket.", "creel");
  app.set_version_flag("--version", "creel " CREEL_VERSION);

  const auto environment = creel::process_environment();
  const std::vector<creel::Command> commands{
      creel::add_mirror_command(app, environment),
      creel::add_estimate_command(app, environment),
      creel::add_invoke_command(app, environment),
      creel::add_deploy_command(app, environment),
      creel::add_package_command(app, environment),
      creel::add_emulate_command(app, environment),
      creel::add_serve_command(app, environment, creel::web_files()),
      creel::add_source_command(app, environment),
      creel::add_image_command(app, environment),
      creel::add_token_command(app, environment),
      creel::add_doctor_command(app, environment),
      creel::add_demo_command(app, creel::web_files()),
      creel::add_jq_filter_command(app),
  };
  // Not earlier: the commands would take after it.
  app.allow_extras();

  try {
    auto normalised = creel::normalised_arguments(count - 1, arguments + 1);
    std::ranges::reverse(normalised);
    app.parse(std::move(normalised));
  } catch (const CLI::ParseError& error) {
    const bool asked_for_help = error.get_exit_code() == 0;
    app.exit(error);
    return asked_for_help ? 0 : kWrongUsage;
  }

  // What stands before the command is not passed over: it may say where, or what not to do.
  if (!app.remaining().empty()) return creel::refuse_command(app);
  for (const auto& command : commands) {
    if (command.flags->parsed()) return command.run();
  }
  return creel::refuse_command(app);
}

/// 2 for what is wrong with the command or its configuration, 1 for what went wrong in the work.
int exit_code(creel::FailureKind kind) {
  switch (kind) {
    case creel::FailureKind::bad_request:
    case creel::FailureKind::bad_url:
    case creel::FailureKind::bad_auth:
    case creel::FailureKind::store_denied: return kWrongUsage;
    default: return 1;
  }
}

}  // namespace

int main(int count, char** arguments) {
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return run(count, arguments);
  } catch (const creel::Failure& failure) {
    fmt::print(stderr, "creel: {}\n", failure.what());
    return exit_code(failure.kind());
  } catch (const std::exception& error) {
    fmt::print(stderr, "creel: {}\n", error.what());
    return 1;
  }
}
